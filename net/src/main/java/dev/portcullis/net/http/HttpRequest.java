package dev.portcullis.net.http;

import dev.portcullis.net.packet.Ipv4Address;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a client asks for.
///
/// @param path without the query; as it was written
/// @param query names and values behind the question mark, percent-encoding left as it is
/// @param body to be read before the answer is given, or not at all
/// @param client who asks
public record HttpRequest(
    String method,
    String path,
    Map<String, String> query,
    Headers headers,
    InputStream body,
    Ipv4Address client) {

  static HttpRequest of(
      String method, String target, Headers headers, InputStream body, Ipv4Address client) {
    int mark = target.indexOf('?');
    Map<String, String> query = new LinkedHashMap<>();
    if (mark >= 0) {
      for (String pair : target.substring(mark + 1).split("&")) {
        int equals = pair.indexOf('=');
        query.put(
            equals < 0 ? pair : pair.substring(0, equals),
            equals < 0 ? "" : pair.substring(equals + 1));
      }
    }
    String path = mark < 0 ? target : target.substring(0, mark);
    return new HttpRequest(method, path, query, headers, body, client);
  }

  /// A number in the query.
  ///
  /// @throws HttpException if it is not there, or not from 0 to `most`
  public long number(String name, long most) throws HttpException {
    long number = Syntax.number(query.getOrDefault(name, ""));
    if (number < 0 || number > most) {
      throw new HttpException(400, "%s is not a number from 0 to %d".formatted(name, most));
    }
    return number;
  }
}

package dev.portcullis.net.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// What a server answers.
///
/// @param headers beside those that tell the length and the connection's fate
/// @param lengthBytes of the content
public record HttpResponse(int status, Headers headers, long lengthBytes, Content content) {
  /// Writes the body.
  @FunctionalInterface
  public interface Content {
    /// Writes as many bytes as were announced.
    void write(OutputStream to) throws IOException;
  }

  /// Text, as UTF-8.
  ///
  /// @param type such as `text/html`
  public static HttpResponse text(int status, String type, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Headers headers = Headers.NONE.with("Content-Type", type + "; charset=utf-8");
    return new HttpResponse(status, headers, bytes.length, out -> out.write(bytes));
  }

  /// The same with one more header field.
  public HttpResponse with(String name, String value) {
    return new HttpResponse(status, headers.with(name, value), lengthBytes, content);
  }

  static String reason(int status) {
    return switch (status) {
      case 200 -> "OK";
      case 400 -> "Bad Request";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 408 -> "Request Timeout";
      case 411 -> "Length Required";
      case 413 -> "Content Too Large";
      case 417 -> "Expectation Failed";
      case 431 -> "Request Header Fields Too Large";
      case 500 -> "Internal Server Error";
      case 501 -> "Not Implemented";
      case 503 -> "Service Unavailable";
      case 505 -> "HTTP Version Not Supported";
      default -> "";
    };
  }
}

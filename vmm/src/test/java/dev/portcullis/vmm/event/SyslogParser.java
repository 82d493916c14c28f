package dev.portcullis.vmm.event;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// Reads a syslog message by the grammar of RFC 5424 section 6, and nothing else.
final class SyslogParser {
  private static final String TIMESTAMP =
      "\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d"
          + "(\\.\\d{1,6})?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)";

  private final byte[] message;
  private int at;

  /// What it says. Text is without its byte order mark.
  record Message(
      int facility,
      int severity,
      String timestamp,
      String host,
      String application,
      String process,
      String messageId,
      Map<String, Map<String, String>> elements,
      String text) {}

  private SyslogParser(byte[] message) {
    this.message = message;
  }

  static Message parse(byte[] message) {
    return new SyslogParser(message).message();
  }

  private Message message() {
    expect('<');
    String priority = until('>', 3);
    check(priority.matches("0|[1-9]\\d{0,2}") && Integer.parseInt(priority) <= 191, priority);
    check(until(' ', 3).equals("1"), "version");
    String timestamp = until(' ', 40);
    check(timestamp.matches(TIMESTAMP), timestamp);
    String host = printable(255);
    String application = printable(48);
    String process = printable(128);
    String messageId = printable(32);
    Map<String, Map<String, String>> elements = new LinkedHashMap<>();
    while (at < message.length && message[at] == '[') {
      element(elements);
    }
    check(!elements.isEmpty(), "no structured data");
    int value = Integer.parseInt(priority);
    return new Message(
        value / 8, value % 8, timestamp, host, application, process, messageId, elements, text());
  }

  private void element(Map<String, Map<String, String>> elements) {
    expect('[');
    String id = name();
    Map<String, String> parameters = new LinkedHashMap<>();
    while (message[at] == ' ') {
      at++;
      String name = name();
      expect('=');
      expect('"');
      check(parameters.put(name, value()) == null, "twice " + name);
    }
    expect(']');
    check(elements.put(id, parameters) == null, "twice " + id);
  }

  private String name() {
    int start = at;
    while (message[at] > 32 && message[at] < 127 && "=]\"".indexOf(message[at]) < 0) {
      at++;
    }
    check(at > start && at - start <= 32, "SD-NAME");
    return new String(message, start, at - start, StandardCharsets.US_ASCII);
  }

  private String value() {
    byte[] out = new byte[message.length];
    int length = 0;
    while (message[at] != '"') {
      check(message[at] != ']', "] without \\");
      if (message[at] == '\\' && "\"\\]".indexOf(message[at + 1]) >= 0) {
        at++;
      }
      out[length++] = message[at++];
    }
    at++;
    return utf8(out, 0, length);
  }

  private String text() {
    if (at == message.length) {
      return "";
    }
    expect(' ');
    check(
        (message[at] & 0xff) == 0xef
            && (message[at + 1] & 0xff) == 0xbb
            && (message[at + 2] & 0xff) == 0xbf,
        "no byte order mark");
    return utf8(message, at + 3, message.length - at - 3);
  }

  private static String utf8(byte[] bytes, int from, int length) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes, from, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw new AssertionError("not UTF-8", e);
    }
  }

  private String printable(int most) {
    String field = until(' ', most);
    check(field.matches("[!-~]+"), field);
    return field;
  }

  private String until(char end, int most) {
    int start = at;
    while (message[at] != end) {
      at++;
    }
    check(at > start && at - start <= most, "length of a field");
    return new String(message, start, at++ - start, StandardCharsets.US_ASCII);
  }

  private void expect(char c) {
    check(message[at] == c, "expected " + c);
    at++;
  }

  private void check(boolean good, String what) {
    if (!good) {
      throw new AssertionError(
          "%s at %d of %s".formatted(what, at, new String(message, StandardCharsets.UTF_8)));
    }
  }
}

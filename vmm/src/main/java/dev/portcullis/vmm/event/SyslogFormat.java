package dev.portcullis.vmm.event;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/// Events as syslog messages of RFC 5424.
///
/// ```
///   <132>1 2026-01-31T12:00:00.123456Z host portcullis 4711 fault.refused
///     [meta sequenceId="7"][portcullis@32473 subject="partition/user/function/00:06.0" …] ⟨BOM⟩text
/// ```
///
/// (One line, in truth.) Text is UTF-8 and begins with a byte order mark, as section 6.4 wants it.
/// The enterprise number is the one that RFC 5612 keeps for documentation: the product has none.
///
/// @param host the machine's name, as far as it can be written
/// @param process identifier of the process that sends
public record SyslogFormat(String host, String process) {
  /// What every receiver should take: RFC 5424 section 6.1.
  public static final int DATAGRAM_BYTES = 2048;

  /// What is sent where nobody asks for less.
  public static final int LONGEST_BYTES = 8192;

  private static final int FACILITY_LOCAL_0 = 16;
  private static final String APPLICATION = "portcullis";
  private static final String ELEMENT = "portcullis@32473";
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  public SyslogFormat {
    host = printable(host, 255);
    process = printable(process, 128);
  }

  /// One message of `mostBytes` bytes at most: first the text is cut, then fields are left out.
  ///
  /// @param mostBytes 1024 or more: the header and the subject fit into that
  public byte[] encode(Event event, int mostBytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    out.writeBytes(header(event).getBytes(StandardCharsets.UTF_8));
    out.write('[');
    out.writeBytes(ELEMENT.getBytes(StandardCharsets.UTF_8));
    for (Map.Entry<String, Object> field : fields(event).entrySet()) {
      byte[] parameter = parameter(field).getBytes(StandardCharsets.UTF_8);
      if (out.size() + parameter.length + 1 <= mostBytes) {
        out.writeBytes(parameter);
      }
    }
    out.write(']');
    byte[] text = visible(event.text()).getBytes(StandardCharsets.UTF_8);
    int room = mostBytes - out.size() - 1 - BYTE_ORDER_MARK.length;
    if (room > 0 && text.length > 0) {
      out.write(' ');
      out.writeBytes(BYTE_ORDER_MARK);
      out.write(text, 0, wholeCharacters(text, room));
    }
    return out.toByteArray();
  }

  private String header(Event event) {
    int priority = FACILITY_LOCAL_0 * 8 + event.severity().code();
    return "<%d>1 %s %s %s %s %s [meta sequenceId=\"%d\"]"
        .formatted(
            priority,
            timestamp(event.time()),
            host,
            APPLICATION,
            process,
            printable(event.type().word(), 32),
            // 1 to 2147483647, and 1 again: section 7.3.1.
            (event.sequence() - 1) % Integer.MAX_VALUE + 1);
  }

  /// Six digits of a second at most: section 6.2.3.
  private static String timestamp(Instant time) {
    return time.truncatedTo(ChronoUnit.MICROS).toString();
  }

  private static Map<String, Object> fields(Event event) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("id", event.id());
    fields.put("subject", event.subject().path());
    fields.putAll(event.data());
    return fields;
  }

  private static String parameter(Map.Entry<String, Object> field) {
    StringBuilder out = new StringBuilder(" ").append(field.getKey()).append("=\"");
    String value = visible(field.getValue().toString());
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\' || c == ']') {
        out.append('\\');
      }
      out.append(c);
    }
    return out.append('"').toString();
  }

  /// Control characters as `#` and three octal digits: none ends a line, or reaches a terminal.
  private static String visible(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c)) {
        out.append("#%03o".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  /// What the header's fields may have: visible ASCII; `-` if nothing is left.
  private static String printable(String text, int most) {
    String kept = text.replaceAll("[^!-~]", "");
    return kept.isEmpty() ? "-" : kept.substring(0, Math.min(most, kept.length()));
  }

  /// How many of the first `most` bytes are whole characters.
  private static int wholeCharacters(byte[] utf8, int most) {
    if (utf8.length <= most) {
      return utf8.length;
    }
    int end = most;
    while (end > 0 && (utf8[end] & 0xc0) == 0x80) {
      end--;
    }
    return end;
  }
}

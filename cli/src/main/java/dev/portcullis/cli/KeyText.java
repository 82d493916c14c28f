package dev.portcullis.cli;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/// What comes from a keyboard, as text, wherever it is cut.
final class KeyText {
  private static final int LONGEST_CHARACTER_BYTES = 4;

  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private byte[] begun = new byte[0];

  /// The characters that are whole by now; the rest waits for more.
  String take(byte[] keys, int from, int to) {
    ByteBuffer bytes = ByteBuffer.allocate(begun.length + to - from);
    bytes.put(begun).put(keys, from, to - from).flip();
    CharBuffer text = CharBuffer.allocate(bytes.remaining() + LONGEST_CHARACTER_BYTES);
    decoder.reset().decode(bytes, text, false);
    begun = new byte[bytes.remaining()];
    bytes.get(begun);
    return text.flip().toString();
  }
}

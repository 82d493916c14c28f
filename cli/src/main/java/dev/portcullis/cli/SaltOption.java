package dev.portcullis.cli;

import java.security.SecureRandom;
import java.util.HexFormat;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// `--salt`: bytes in hexadecimal; `-` for none.
final class SaltOption implements ITypeConverter<SaltOption.Salt> {
  private static final int MOST_BYTES = 256;
  private static final int RANDOM_BYTES = 32;

  /// What was given.
  record Salt(byte[] bytes) {}

  static byte[] random() {
    byte[] salt = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(salt);
    return salt;
  }

  @Override
  public Salt convert(String text) {
    try {
      byte[] bytes = text.equals("-") ? new byte[0] : HexFormat.of().parseHex(text);
      if (bytes.length <= MOST_BYTES) {
        return new Salt(bytes);
      }
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException("\"" + text + "\" is not hexadecimal");
    }
    throw new TypeConversionException("a salt has up to 256 bytes");
  }
}

package dev.portcullis.cli;

import java.util.Locale;

/// Constants as words.
final class Words {
  private Words() {}

  static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}

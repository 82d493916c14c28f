package dev.portcullis.net.host;

import java.util.concurrent.ThreadLocalRandom;

/// Ports for those who do not care which (RFC 6056: chosen at random).
final class Ports {
  private static final int FIRST = 49_152;
  private static final int END = 65_536;

  private Ports() {}

  static int random() {
    return ThreadLocalRandom.current().nextInt(FIRST, END);
  }
}

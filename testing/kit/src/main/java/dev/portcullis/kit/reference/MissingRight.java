package dev.portcullis.kit.reference;

import dev.portcullis.unit.request.Request;

/// Whether a page allows what is asked.
final class MissingRight {
  static final int WRITE = 0x85;
  static final int READ = 0x86;

  private MissingRight() {}

  /// 0, [#WRITE] or [#READ]. A translation request misses nothing: its completion tells the rights.
  static int of(Walk walk, Page page) {
    Ask ask = walk.ask;
    if (ask.isTranslation()) {
      return 0;
    }
    if (ask.writes() && !page.write()) {
      return WRITE;
    }
    boolean excepted = ask.isZeroLengthRead() && walk.facts.zeroLengthReads() && page.write();
    boolean reads = ask.request() != Request.WRITE;
    return reads && !page.read() && !excepted ? READ : 0;
  }

  /// Whether the request would reach the interrupt range; a translation request with any byte of
  /// the page.
  static boolean isInInterruptRange(Walk walk, Page page) {
    return walk.ask.isTranslation()
        ? page.overlapsInterruptRange()
        : Walk.inInterruptRange(page.hpa());
  }
}

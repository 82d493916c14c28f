package dev.portcullis.kit.reference;

import dev.portcullis.kit.fault.FaultRecord;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.unit.request.Request;

/// What a device asks of a unit.
///
/// @param kind as what
/// @param sourceId who
/// @param prefix a [PasidPrefix], or none
/// @param address where
/// @param request what it wants to do there; means nothing in translation and page requests
/// @param noWrite NW of a translation request
public record Ask(
    Kind kind, int sourceId, int prefix, long address, Request request, boolean noWrite) {

  /// The address type of a request, or that it is a message.
  public enum Kind {
    UNTRANSLATED,
    TRANSLATION,
    TRANSLATED,
    PAGE
  }

  /// An untranslated request without PASID.
  public static Ask untranslated(int sourceId, long iova, Request request) {
    return untranslated(sourceId, PasidPrefix.NONE, iova, request);
  }

  /// An untranslated request.
  public static Ask untranslated(int sourceId, int prefix, long iova, Request request) {
    return new Ask(Kind.UNTRANSLATED, sourceId, prefix, iova, request, false);
  }

  /// A translated request.
  public static Ask translated(int sourceId, int prefix, long hpa, Request request) {
    return new Ask(Kind.TRANSLATED, sourceId, prefix, hpa, request, false);
  }

  /// A translation request.
  public static Ask translation(int sourceId, int prefix, long iova, boolean noWrite) {
    return new Ask(Kind.TRANSLATION, sourceId, prefix, iova, Request.READ, noWrite);
  }

  /// A page request, the last of its group.
  public static Ask page(int sourceId, int prefix, long iova) {
    return new Ask(Kind.PAGE, sourceId, prefix, iova, Request.READ, false);
  }

  /// Whether there is a PASID prefix.
  public boolean hasPasid() {
    return PasidPrefix.isPresent(prefix);
  }

  boolean isTranslation() {
    return kind == Kind.TRANSLATION;
  }

  boolean isTranslated() {
    return kind == Kind.TRANSLATED;
  }

  boolean isPage() {
    return kind == Kind.PAGE;
  }

  /// Whether it is a write or an atomic.
  boolean writes() {
    return request == Request.WRITE || request == Request.ATOMIC;
  }

  boolean isZeroLengthRead() {
    return request == Request.ZERO_LENGTH_READ;
  }

  /// What a record of its refusal says.
  FaultRecord record(int reason, int addressBits) {
    long page = address & -4096L & ~(-1L << addressBits);
    int addressType =
        switch (kind) {
          case UNTRANSLATED, PAGE -> 0;
          case TRANSLATION -> 1;
          case TRANSLATED -> 2;
        };
    return new FaultRecord(reason, sourceId, page, type(), addressType, prefix);
  }

  private FaultRecord.Type type() {
    if (isPage()) {
      return FaultRecord.Type.PAGE_REQUEST;
    }
    return switch (request) {
      case READ, ZERO_LENGTH_READ -> FaultRecord.Type.READ;
      case WRITE -> FaultRecord.Type.WRITE;
      case ATOMIC -> FaultRecord.Type.ATOMIC;
    };
  }

  @Override
  public String toString() {
    String what =
        switch (kind) {
          case UNTRANSLATED -> request.toString();
          case TRANSLATION -> noWrite ? "TRANSLATION for reading" : "TRANSLATION";
          case TRANSLATED -> "translated " + request;
          case PAGE -> "PAGE REQUEST";
        };
    return "%s of %#x by %04x, prefix %#x".formatted(what, address, sourceId, prefix);
  }
}

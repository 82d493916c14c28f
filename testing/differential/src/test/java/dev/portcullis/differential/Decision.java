package dev.portcullis.differential;

/// How the architecture decides a request, as the software that wrote the tables reads it.
///
/// @param reason fault reason; 0 if the request passes
/// @param hpa where it goes, if it passes
/// @param rightMissing whether an entry without the right was met no later than the deciding one
record Decision(int reason, long hpa, boolean rightMissing) {
  static Decision to(long hpa) {
    return new Decision(0, hpa, false);
  }

  static Decision fault(int reason) {
    return new Decision(reason, 0, false);
  }
}

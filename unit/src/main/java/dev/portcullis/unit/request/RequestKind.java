package dev.portcullis.unit.request;

/// What the address of a request is: AT of its header, and page requests.
///
/// @vtd 4.2.3 Handling of ATS Translation Requests
public enum RequestKind {
  /// AT = 0: the address is to be translated.
  UNTRANSLATED,
  /// AT = 1: the device asks for the translation.
  TRANSLATION,
  /// AT = 2: the device has translated it before.
  TRANSLATED,
  /// The device asks software for the page.
  PAGE
}

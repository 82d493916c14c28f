package dev.portcullis.management.redfish;

import java.util.List;
import java.util.Map;

/// What a request is answered with.
///
/// @param body JSON, or text as it is; none for `null`
/// @param headers besides those that every answer has
record Reply(int status, Object body, Map<String, String> headers) {

  static Reply of(Resource resource) {
    return new Reply(200, resource.body(), Map.of());
  }

  static Reply xml(String text) {
    return new Reply(200, text, Map.of("Content-Type", "application/xml"));
  }

  static Reply noContent() {
    return new Reply(204, null, Map.of());
  }

  /// A refusal in Redfish's form.
  ///
  /// @param message of the Base registry, such as `ResourceMissingAtURI`
  static Reply refusal(int status, String message, String text) {
    return refusal(status, message, text, Map.of());
  }

  static Reply refusal(int status, String message, String text, Map<String, String> headers) {
    String id = "Base.1.18." + message;
    Map<String, Object> info =
        Resource.map(
            "@odata.type", "#Message.v1_1_2.Message",
            "MessageId", id,
            "Message", text,
            "MessageArgs", List.of(),
            "Severity", "Critical",
            "MessageSeverity", "Critical",
            "Resolution", "See the message.");
    Object error =
        Resource.map("code", id, "message", text, "@Message.ExtendedInfo", List.of(info));
    return new Reply(status, Map.of("error", error), headers);
  }

  static Reply missing(String path) {
    return refusal(404, "ResourceMissingAtURI", "There is nothing at " + path + ".");
  }

  static Reply notAllowed(String method, String allow) {
    return refusal(
        405, "OperationNotAllowed", method + " is not possible here.", Map.of("Allow", allow));
  }

  static Reply malformed(String what) {
    return refusal(400, "MalformedJSON", what);
  }

  static Reply forbidden(String privilege) {
    return refusal(
        403, "InsufficientPrivilege", "The privilege " + privilege + " is needed for that.");
  }
}

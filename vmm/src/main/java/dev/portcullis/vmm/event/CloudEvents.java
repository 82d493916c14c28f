package dev.portcullis.vmm.event;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// Events as CloudEvents 1.0, structured mode, JSON: one object, one line.
///
/// ```
///   {"specversion":"1.0","id":"…-7","source":"/portcullis/client","type":"dev.portcullis.fault.refused",
///    "time":"2026-01-31T12:00:00.123456Z","subject":"partition/user/function/00:06.0",
///    "datacontenttype":"application/json","severity":"warning","sequence":"00000000000000000007",
///    "data":{"message":"…","reason-code":121,…}}
/// ```
public final class CloudEvents {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private CloudEvents() {}

  /// Without the end of the line, of which there is none within.
  public static byte[] encode(Event event) {
    return JSON.writeValueAsBytes(fields(event));
  }

  /// Names and values: strings, whole numbers, booleans, and under `data` such a map.
  public static Map<String, Object> fields(Event event) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("message", event.text());
    data.putAll(event.data());
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("specversion", "1.0");
    fields.put("id", event.id());
    fields.put("source", event.source());
    fields.put("type", event.type().qualified());
    fields.put("time", event.time().toString());
    fields.put("subject", event.subject().path());
    fields.put("datacontenttype", "application/json");
    fields.put("severity", event.severity().word());
    // A string that sorts, as the extension of that name wants it.
    fields.put("sequence", "%020d".formatted(event.sequence()));
    fields.put("data", data);
    return fields;
  }
}

package dev.portcullis.management.posture;

import dev.portcullis.management.posture.ReportRefusedException.Refusal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// What is known of a partition's posture at one moment.
///
/// @param sequence greater in each report about the partition
/// @param challenge that the collector was asked with, and the decider gave out
/// @param collected when the last of it was collected
/// @param facts by area (`posture`, `platform`, `memory`, `boot`): strings, whole numbers,
///   booleans, and maps and lists of them
public record PostureReport(
    String partition,
    long sequence,
    String challenge,
    Instant collected,
    Map<String, Map<String, Object>> facts) {
  private static final TypeReference<Map<String, Map<String, Object>>> AREAS =
      new TypeReference<>() {};
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(16).build())
                  .build())
          .build();

  /// As JSON.
  byte[] toJson() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("partition", partition);
    all.put("sequence", sequence);
    all.put("challenge", challenge);
    all.put("collected", collected.toString());
    all.put("facts", facts);
    return JSON.writeValueAsString(all).getBytes(StandardCharsets.UTF_8);
  }

  /// The report that JSON says.
  static PostureReport ofJson(byte[] json) throws ReportRefusedException {
    try {
      if (!(JSON.readTree(json) instanceof ObjectNode all)
          || !(all.get("facts") instanceof ObjectNode facts)) {
        throw new ReportRefusedException(Refusal.MALFORMED, "the report is no report");
      }
      Map<String, Map<String, Object>> areas = JSON.treeToValue(facts, AREAS);
      return new PostureReport(
          all.required("partition").asString(),
          all.required("sequence").longValue(),
          all.required("challenge").asString(),
          Instant.parse(all.required("collected").asString()),
          areas);
    } catch (JacksonException | IllegalArgumentException | DateTimeParseException e) {
      throw new ReportRefusedException(
          Refusal.MALFORMED, "the report is no report: " + e.getMessage());
    }
  }
}

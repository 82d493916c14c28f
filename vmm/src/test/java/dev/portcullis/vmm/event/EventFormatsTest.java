package dev.portcullis.vmm.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EventFormatsTest {
  private static final long SEED = 20260131;
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final SyslogFormat SYSLOG = new SyslogFormat("lab 1", "4711");

  private final EventSource source = SampleEvents.source();

  @Test
  void aCloudEventHasItsAttributes() {
    JsonNode json = JSON.readTree(CloudEvents.encode(SampleEvents.refused(source)));
    assertThat(json.propertyNames())
        .containsExactly(
            "specversion",
            "id",
            "source",
            "type",
            "time",
            "subject",
            "datacontenttype",
            "severity",
            "sequence",
            "data")
        .as("CloudEvents 1.0: names of attributes")
        .allMatch(name -> name.matches("[a-z0-9]{1,20}"));
    assertThat(json.get("specversion").asString()).isEqualTo("1.0");
    assertThat(json.get("id").asString()).isEqualTo("run-1");
    assertThat(json.get("source").asString()).isEqualTo("/portcullis/test");
    assertThat(json.get("type").asString()).isEqualTo("dev.portcullis.fault.refused");
    assertThat(Instant.parse(json.get("time").asString())).isEqualTo(SampleEvents.NOW);
    assertThat(json.get("subject").asString()).isEqualTo("partition/user/function/00:06.0");
    assertThat(json.get("datacontenttype").asString()).isEqualTo("application/json");
    assertThat(json.get("severity").asString()).isEqualTo("warning");
    assertThat(json.get("sequence").asString()).isEqualTo("00000000000000000001");
    JsonNode data = json.get("data");
    assertThat(data.get("message").asString()).isEqualTo("function 00:06.0 was refused a write");
    assertThat(data.get("reason-code").asInt()).isEqualTo(121);
    assertThat(data.get("interrupt").isBoolean()).isTrue();
  }

  @Test
  void whateverTheStrings_aCloudEventIsOneLineThatReadsBack() {
    Random random = new Random(SEED);
    for (int i = 0; i < 300; i++) {
      Event event = SampleEvents.random(source, random);
      byte[] line = CloudEvents.encode(event);
      assertThat(new String(line, StandardCharsets.UTF_8)).doesNotContain("\n", "\r");
      JsonNode json = JSON.readTree(line);
      assertThat(json.get("data").get("message").asString()).isEqualTo(event.text());
      assertThat(json.get("subject").asString()).matches("[!-~]+");
      event
          .data()
          .forEach((name, value) ->
              assertThat(json.get("data").get(name).asString()).isEqualTo(value.toString()));
    }
  }

  @Test
  void aSyslogMessageHasItsFields() {
    SyslogParser.Message message =
        SyslogParser.parse(SYSLOG.encode(SampleEvents.refused(source, "größer"), 2048));
    assertThat(message.facility()).as("local0").isEqualTo(16);
    assertThat(message.severity()).isEqualTo(4);
    assertThat(message.timestamp()).isEqualTo("2026-01-31T12:00:00.123456Z");
    assertThat(message.host()).isEqualTo("lab1");
    assertThat(message.application()).isEqualTo("portcullis");
    assertThat(message.process()).isEqualTo("4711");
    assertThat(message.messageId()).isEqualTo("fault.refused");
    assertThat(message.elements().get("meta")).isEqualTo(Map.of("sequenceId", "1"));
    assertThat(message.elements().get("portcullis@32473"))
        .containsEntry("subject", "partition/user/function/00:06.0")
        .containsEntry("reason-code", "121")
        .containsEntry("interrupt", "false");
    assertThat(message.text()).isEqualTo("größer");
  }

  @Test
  void whateverTheStrings_aSyslogMessageParsesAndKeepsItsLength() {
    Random random = new Random(SEED);
    for (int i = 0; i < 300; i++) {
      Event event = SampleEvents.random(source, random);
      int most = 1024 + random.nextInt(1024);
      byte[] bytes = SYSLOG.encode(event, most);
      assertThat(bytes.length).isLessThanOrEqualTo(most);
      assertThat(bytes).as("control characters").doesNotContain(0, 9, 10, 13, 27, 127);
      SyslogParser.Message message = SyslogParser.parse(bytes);
      assertThat(message.severity()).isEqualTo(event.severity().code());
      assertThat(shown(event.text())).startsWith(message.text());
      Map<String, String> fields = message.elements().get("portcullis@32473");
      assertThat(fields).containsEntry("subject", event.subject().path());
      event
          .data()
          .forEach((name, value) ->
              assertThat(fields.getOrDefault(name, shown(value.toString())))
                  .isEqualTo(shown(value.toString())));
    }
  }

  private static String shown(String text) {
    StringBuilder out = new StringBuilder();
    text.chars()
        .forEach(c -> out.append(Character.isISOControl(c) ? "#%03o".formatted(c) : (char) c + ""));
    return out.toString();
  }

  @Test
  void aSyslogMessageWithRoomKeepsEverything() {
    Event event = SampleEvents.refused(source, "x".repeat(900));
    SyslogParser.Message message = SyslogParser.parse(SYSLOG.encode(event, 8192));
    assertThat(message.text()).isEqualTo(event.text());
    assertThat(message.elements().get("portcullis@32473")).hasSize(5);
  }

  @Test
  void sequenceIdsBeginAgain() {
    Event first = SampleEvents.refused(source);
    Event late =
        new Event(
            first.id(),
            Integer.MAX_VALUE + 1L,
            first.time(),
            first.source(),
            first.type(),
            first.severity(),
            first.subject(),
            first.text(),
            first.data());
    assertThat(SyslogParser.parse(SYSLOG.encode(late, 2048)).elements().get("meta"))
        .containsEntry("sequenceId", "1");
  }

  @Test
  void anEventIsBoundedWhoeverChoseItsStrings() {
    Event event = SampleEvents.refused(source, "€".repeat(100_000));
    assertThat(event.text()).hasSize(1024).endsWith("…");
    assertThat(SampleEvents.refused(source, "half \ud83d").text()).isEqualTo("half \ufffd");
    assertThat(SampleEvents.refused(source, "\ud83d\ude00".repeat(600)).text())
        .hasSizeLessThanOrEqualTo(1024)
        .endsWith("\ude00…");
  }

  @Test
  void fieldsAreFewAndPlain() {
    Map<String, Object> many = new HashMap<>();
    for (int i = 0; i < 33; i++) {
      many.put("field-" + i, i);
    }
    assertThatThrownBy(() -> withData(many)).hasMessageContaining("33 fields");
    assertThatThrownBy(() -> withData(Map.of("no name", 1))).hasMessageContaining("no name");
    assertThatThrownBy(() -> withData(Map.of("list", new int[0]))).hasMessageContaining("list");
  }

  private Event withData(Map<String, Object> data) {
    return source.event(
        EventType.PLATFORM_STATE, Severity.NOTICE, Subject.PLATFORM, "started", data);
  }
}

package dev.portcullis.management.redfish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EventFilterTest {
  private static final Notice NOTICE =
      new Notice(
          "1",
          Instant.EPOCH,
          "Portcullis.1.0.FaultRefused",
          "Warning",
          "text",
          List.of(),
          "/redfish/v1/Systems/user",
          Optional.empty());

  private static boolean wants(String filter) {
    return EventFilter.parse(filter).wants(NOTICE);
  }

  @Test
  void termsAreCombined() {
    assertThat(wants("RegistryPrefix eq 'Portcullis'")).isTrue();
    assertThat(wants("RegistryPrefix eq Portcullis")).isTrue();
    assertThat(wants("ResourceType eq 'Manager'")).isFalse();
    assertThat(wants("ResourceType eq 'Manager' or Severity eq 'Warning'")).isTrue();
    assertThat(wants("(ResourceType eq 'Manager') and (Severity eq 'Warning')")).isFalse();
    assertThat(wants("not (ResourceType eq 'Manager') and Severity eq 'Warning'")).isTrue();
    assertThat(wants("ResourceType eq 'x' and Severity eq 'x' or Severity eq 'Warning'")).isTrue();
    assertThat(wants("ResourceType eq 'x' and (Severity eq 'x' or Severity eq 'Warning')"))
        .isFalse();
    assertThat(wants("OriginResource eq '/redfish/v1/Systems/user'")).isTrue();
  }

  @Test
  void aMessageIsKnownWithAndWithoutItsRegistry() {
    for (String id :
        List.of("Portcullis.1.0.FaultRefused", "Portcullis.FaultRefused", "FaultRefused")) {
      assertThat(wants("MessageId eq '" + id + "'")).as(id).isTrue();
    }
    assertThat(wants("MessageId eq 'Refused'")).isFalse();
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    for (String filter :
        List.of(
            "x",
            "Colour eq 'red'",
            "Severity is 'OK'",
            "Severity eq 'OK",
            "Severity eq",
            "(Severity eq 'OK'",
            "Severity eq 'OK')",
            "Severity eq 'OK' Severity eq 'OK'",
            "and",
            "(".repeat(17) + "Severity eq OK" + ")".repeat(17),
            "not ".repeat(200) + "Severity eq OK",
            "x".repeat(1025))) {
      assertThatThrownBy(() -> EventFilter.parse(filter))
          .as(filter)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}

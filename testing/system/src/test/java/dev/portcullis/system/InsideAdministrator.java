package dev.portcullis.system;

import dev.portcullis.management.ManagementServices;
import dev.portcullis.management.access.AccessDecision;
import dev.portcullis.management.containment.Trigger;
import dev.portcullis.management.recovery.DataDisk;
import dev.portcullis.management.recovery.RebuildProgress;
import dev.portcullis.vmm.event.Event;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Manages a platform by the services in its process.
record InsideAdministrator(ManagementServices services, EventCollector collector)
    implements Administrator {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  @Override
  public String boot(String partition) {
    return word(services.boot().record(partition).orElseThrow().verdict());
  }

  @Override
  public Decision decide(String partition, String verdict) throws Exception {
    AccessDecision decision =
        services.access().orElseThrow().reevaluate(partition, LIMIT).orElseThrow();
    return new Decision(word(decision.verdict()), decision.rule().orElse(""));
  }

  @Override
  public String network(String partition) {
    return word(services.enforcement().inForce(partition).level());
  }

  @Override
  public String containment(String partition) {
    return services.containment().orElseThrow().status().stream()
        .filter(one -> one.partition().equals(partition))
        .findFirst()
        .orElseThrow()
        .standing()
        .state()
        .word();
  }

  @Override
  public void contain(String partition, String trigger, String reason) throws Exception {
    services
        .containment()
        .orElseThrow()
        .request(partition, Trigger.of(trigger).orElseThrow(), reason);
  }

  @Override
  public void rebuild(String partition, RebuildProgress progress) throws Exception {
    services.recovery().rebuild(partition, DataDisk.KEEP, progress);
  }

  @Override
  public List<Told> events() {
    return collector.all().stream().map(InsideAdministrator::told).toList();
  }

  private static Told told(Event event) {
    Map<String, String> data = new LinkedHashMap<>();
    event.data().forEach((key, value) -> data.put(key, value.toString()));
    return new Told(event.type().word(), event.subject().path(), data);
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}

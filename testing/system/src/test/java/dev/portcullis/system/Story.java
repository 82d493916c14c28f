package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.management.ManagementDescription;
import dev.portcullis.management.ManagementFile;
import dev.portcullis.management.ManagementServices;
import dev.portcullis.management.access.AccessDecision;
import dev.portcullis.management.access.AccessDecision.Verdict;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.containment.Trigger;
import dev.portcullis.management.enforcement.AccessLevel;
import dev.portcullis.management.recovery.DataDisk;
import dev.portcullis.management.recovery.RebuildProgress;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.vmm.audit.AuditLog;
import dev.portcullis.vmm.audit.Verification;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.boot.BootDecision.Outcome;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.software.Client;
import dev.portcullis.vmm.software.Client.ClientException;
import dev.portcullis.vmm.software.Client.DmaEnd;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What happens to the user's partition of a [StorySite], step by step; each step sees to it that
/// what must come of it does.
final class Story implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Duration MOMENT = Duration.ofMillis(400);

  private final StorySite site;
  private final EventCollector events = new EventCollector();
  private final RunningPlatform platform;
  private final ManagementServices services;
  private Instant contained = Instant.MAX;
  private Instant cleared = Instant.MIN;
  private boolean isClosed;

  private Story(StorySite site) throws Exception {
    this.site = site;
    PlatformDescription description = site.platform();
    ManagementDescription wanted =
        ManagementFile.read(description.management().services().orElseThrow(), description);
    VerifiedBoot gate = ManagementServices.gate(wanted);
    platform = RunningPlatform.start(description, site.folder(), event -> {}, gate);
    platform.events().add(events);
    services = ManagementServices.start(wanted, gate, platform);
  }

  /// Starts the platform.
  static Story begin(StorySite site) throws Exception {
    return new Story(site);
  }

  private Client client(String name) throws Exception {
    return platform.partition(name).client().orElseThrow();
  }

  private AccessDecision decide(String partition) throws Exception {
    return services.access().orElseThrow().reevaluate(partition, LIMIT).orElseThrow();
  }

  private void doesNotReach(String from, Ipv4Address to) {
    assertThatThrownBy(() -> client(from).ping(to, MOMENT)).isInstanceOf(ClientException.class);
  }

  private void isOnlyHelped() throws Exception {
    doesNotReach("user", StorySite.PEER);
    doesNotReach("user", StorySite.OTHER);
    doesNotReach("other", StorySite.USER);
    client("user").ping(StorySite.HELP, LIMIT);
    client("other").ping(StorySite.PEER, LIMIT);
  }

  private void awaitContainment(String state) throws InterruptedException {
    events.await(EventType.CONTAINMENT_STATE, event -> state.equals(event.data().get("state")));
  }

  private void person(Trigger trigger, String reason) throws Exception {
    services.containment().orElseThrow().request("user", trigger, reason);
  }

  private void isAdmitted() {
    assertThat(services.boot().record("user").orElseThrow().verdict()).isEqualTo(Outcome.ADMITTED);
  }

  /// What it boots from is what the manifest says.
  void bootsVerified() {
    isAdmitted();
  }

  /// Its client is old: the network is not for it, but help is.
  void hasConditionalAccess() throws Exception {
    AccessDecision decision = decide("user");
    assertThat(decision.verdict()).as(decision.toString()).isEqualTo(Verdict.CONDITIONAL);
    assertThat(decision.rule()).contains(StorySite.OLD_CLIENT);
    assertThat(decide("other").verdict()).isEqualTo(Verdict.UNRESTRICTED);
    assertThat(client("user").page(StorySite.HELP, "/", LIMIT))
        .contains("The client is out of date.", "update the client");
    isOnlyHelped();
  }

  /// It fetches the client of today from the host that helps.
  void isRemedied() throws Exception {
    site.offerClient();
    AccessDecision decision = decide("user");
    assertThat(decision.verdict()).as(decision.toString()).isEqualTo(Verdict.UNRESTRICTED);
    events.await(EventType.ACCESS_REMEDIATION, event -> "done".equals(event.data().get("outcome")));
    hasTheNetwork();
  }

  private void hasTheNetwork() throws Exception {
    client("user").ping(StorySite.PEER, LIMIT);
    client("user").ping(StorySite.OTHER, LIMIT);
    client("other").ping(StorySite.USER, LIMIT);
  }

  /// Malware has a device write to the kernel's text, in vain.
  void malwareTriesItsDevice() throws Exception {
    events.await(EventType.INTEGRITY_WATCH, event -> true);
    assertThat(events.of(EventType.INTEGRITY_VIOLATION)).isEmpty();
    assertThat(events.of(EventType.CONTAINMENT_STATE)).isEmpty();

    assertThat(malware().byDevice(StorySite.ROGUE)).isEqualTo(DmaEnd.REFUSED);

    events.await(
        EventType.INTEGRITY_DENIED,
        event -> event.subject().function().equals(Optional.of(StorySite.ROGUE)));
    awaitContainment("suspected");
    assertThat(events.of(EventType.INTEGRITY_VIOLATION)).as("nothing has changed").isEmpty();
    client("user").ping(StorySite.PEER, LIMIT);
  }

  private Malware malware() throws Exception {
    long text =
        services.integrity().orElseThrow().status().getFirst().ranges().stream()
            .filter(range -> range.name().equals("kernel text"))
            .findFirst()
            .orElseThrow()
            .guest()
            .first();
    return new Malware(platform.partition("user"), text);
  }

  /// Malware writes there by itself, is found, and is cut off with its partition.
  void malwarePatchesTheKernel() throws Exception {
    malware().byProcessor();
    events.await(
        EventType.INTEGRITY_VIOLATION, event -> "kernel text".equals(event.data().get("range")));
    awaitContainment("contained");
    contained = Instant.now();
    assertThat(services.enforcement().inForce("user").level()).isEqualTo(AccessLevel.REMEDIATION);
  }

  /// Only help is reached, whatever access control would say; the other partition notices nothing.
  void isContained() throws Exception {
    isOnlyHelped();
    assertThat(client("user").disk(1 << 20, LIMIT).isEqual()).as("it spoils its disk").isTrue();
    decide("user");
    isOnlyHelped();
  }

  /// It is put back onto its safe image, and boots that.
  void isRebuilt() throws Exception {
    person(Trigger.REMEDIATE, "rebuild it");
    services.recovery().rebuild("user", DataDisk.KEEP, RebuildProgress.NONE);
    isAdmitted();
    isOnlyHelped();
  }

  /// It is looked at, brought up to date as before, and trusted.
  void isTrustedAgain() throws Exception {
    person(Trigger.VERIFY, "it booted what it should");
    assertThat(decide("user").verdict()).isEqualTo(Verdict.UNRESTRICTED);
    isOnlyHelped();
    cleared = Instant.now();
    person(Trigger.CLEAR, "all is well");
    hasTheNetwork();
  }

  /// While it was contained, nothing left the bridge from the user's partition but to the host that
  /// helps, and nothing came to it but from there. Before and afterwards there was something to
  /// see.
  void wireTellsTheSame() throws Exception {
    close();
    for (String port : List.of("nic", "other")) {
      assertThat(Captures.from(StorySite.USER, Captures.sent(site.captures(), port)))
          .as("from the user's partition, at port " + port)
          .anyMatch(one -> one.when().isBefore(contained) && !isHelp(one.target()))
          .anyMatch(one -> one.when().isAfter(cleared) && !isHelp(one.target()))
          .noneMatch(one -> wasWhileContained(one) && !isHelp(one.target()));
    }
    assertThat(Captures.sent(site.captures(), "user").stream().filter(this::wasWhileContained))
        .isNotEmpty()
        .allMatch(one -> isHelp(one.source()) || one.isRefusal());
  }

  private static boolean isHelp(Optional<Ipv4Address> address) {
    return address.equals(Optional.of(StorySite.HELP));
  }

  private boolean wasWhileContained(Captures.Sent one) {
    return one.when().isAfter(contained) && one.when().isBefore(cleared);
  }

  /// All of it is in the audit log, whose chain is whole.
  void logTellsAll() throws Exception {
    close();
    assertThat(AuditLog.verify(site.auditLog(), Optional.empty()))
        .isInstanceOf(Verification.Verified.class);
    assertThat(Files.readString(site.auditLog()))
        .contains("boot.admitted", "access.evaluation", "access.remediation", "integrity.denied")
        .contains("integrity.violation", "containment.state", "rebuild.state", "network.access");
  }

  /// Ends the platform; once is enough.
  @Override
  public void close() {
    if (!isClosed) {
      isClosed = true;
      services.close();
      assertThat(platform.lvmm().breaches()).isEmpty();
      platform.close();
    }
  }
}

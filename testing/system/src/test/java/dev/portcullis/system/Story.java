package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.management.ManagementDescription;
import dev.portcullis.management.ManagementFile;
import dev.portcullis.management.ManagementServices;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.containment.Standing;
import dev.portcullis.management.containment.Trigger;
import dev.portcullis.management.enforcement.AccessLevel;
import dev.portcullis.management.recovery.RebuildProgress;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.net.packet.Packet.Network;
import dev.portcullis.system.Administrator.Decision;
import dev.portcullis.system.Administrator.Told;
import dev.portcullis.vmm.audit.AuditLog;
import dev.portcullis.vmm.audit.Verification;
import dev.portcullis.vmm.engine.EngineState.Phase;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.software.Client;
import dev.portcullis.vmm.software.Client.ClientException;
import dev.portcullis.vmm.software.Client.DmaEnd;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// What happens to the user's partition of a [StorySite], step by step; each step sees to it that
/// what must come of it does.
final class Story implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Duration MOMENT = Duration.ofMillis(400);
  private static final long POLL_MILLIS = 20;

  private final StorySite site;
  private final Instant began;
  private final RunningPlatform platform;
  private final Optional<Knocker> knocker;
  private final ManagementServices services;
  private final Administrator administrator;
  private Instant contained = Instant.MAX;
  private Instant cleared = Instant.MIN;
  private boolean isClosed;

  /// How the platform is managed.
  enum Managed {
    /// By programs in its process.
    INSIDE,
    /// By a client that has nothing but HTTPS, and an account.
    FROM_AFAR
  }

  private Story(StorySite site, boolean knocks, Managed managed) throws Exception {
    this.site = site;
    began = Instant.now();
    PlatformDescription description = site.platform();
    ManagementDescription wanted =
        ManagementFile.read(description.management().services().orElseThrow(), description);
    VerifiedBoot gate = ManagementServices.gate(wanted);
    platform = RunningPlatform.start(description, site.folder(), event -> {}, gate);
    EventCollector events = new EventCollector();
    platform.events().add(events);
    knocker = knocks ? Optional.of(Knocker.start(platform)) : Optional.empty();
    services = ManagementServices.start(wanted, gate, platform);
    administrator =
        switch (managed) {
          case INSIDE -> new InsideAdministrator(services, events);
          case FROM_AFAR -> site.administrator(services.redfish().orElseThrow().address());
        };
  }

  /// Starts the platform.
  static Story begin(StorySite site) throws Exception {
    return new Story(site, false, Managed.INSIDE);
  }

  /// Starts the platform, which is managed so.
  static Story begin(StorySite site, Managed managed) throws Exception {
    return new Story(site, false, managed);
  }

  /// Starts it again, after a process that was killed; from the first moment on somebody tries to
  /// get further than the user's partition may.
  static Story goOn(StorySite site) throws Exception {
    return new Story(site, true, Managed.INSIDE);
  }

  private Client client(String name) throws Exception {
    return platform.partition(name).client().orElseThrow();
  }

  private void decides(String partition, String verdict) throws Exception {
    assertThat(administrator.decide(partition, verdict).verdict()).isEqualTo(verdict);
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

  private List<Told> told(EventType type) throws Exception {
    return administrator.events().stream().filter(one -> one.type().equals(type.word())).toList();
  }

  private void await(EventType type, Predicate<Told> wanted) throws Exception {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (told(type).stream().noneMatch(wanted)) {
      assertThat(System.nanoTime()).as("never came: " + type.word()).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }

  private void awaitContainment(String state) throws Exception {
    await(EventType.CONTAINMENT_STATE, event -> state.equals(event.data().get("state")));
  }

  private void person(Trigger trigger, String reason) throws Exception {
    administrator.contain("user", trigger.word(), reason);
  }

  private void isAdmitted() throws Exception {
    assertThat(administrator.boot("user")).isEqualTo("admitted");
  }

  /// What it boots from is what the manifest says.
  void bootsVerified() throws Exception {
    isAdmitted();
  }

  /// Its client is old: the network is not for it, but help is.
  void hasConditionalAccess() throws Exception {
    assertThat(administrator.decide("user", "conditional"))
        .isEqualTo(new Decision("conditional", StorySite.OLD_CLIENT));
    decides("other", "unrestricted");
    assertThat(client("user").page(StorySite.HELP, "/", LIMIT))
        .contains("The client is out of date.", "update the client");
    isOnlyHelped();
  }

  /// It fetches the client of today from the host that helps.
  void isRemedied() throws Exception {
    site.offerClient();
    decides("user", "unrestricted");
    await(EventType.ACCESS_REMEDIATION, event -> "done".equals(event.data().get("outcome")));
    hasTheNetwork();
  }

  private void hasTheNetwork() throws Exception {
    client("user").ping(StorySite.PEER, LIMIT);
    client("user").ping(StorySite.OTHER, LIMIT);
    client("other").ping(StorySite.USER, LIMIT);
  }

  /// Malware has a device write to the kernel's text, in vain.
  void malwareTriesItsDevice() throws Exception {
    await(EventType.INTEGRITY_WATCH, event -> true);
    assertThat(told(EventType.INTEGRITY_VIOLATION)).isEmpty();
    assertThat(told(EventType.CONTAINMENT_STATE)).isEmpty();

    assertThat(malware().byDevice(StorySite.ROGUE)).isEqualTo(DmaEnd.REFUSED);

    await(
        EventType.INTEGRITY_DENIED,
        event -> event.subject().equals("partition/user/function/" + StorySite.ROGUE));
    awaitContainment("suspected");
    assertThat(told(EventType.INTEGRITY_VIOLATION)).as("nothing has changed").isEmpty();
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
    // What is done to a kernel before it has settled is taken for its own doing.
    await(EventType.INTEGRITY_WATCH, event -> true);
    malware().byProcessor();
    await(EventType.INTEGRITY_VIOLATION, event -> "kernel text".equals(event.data().get("range")));
    awaitContainment("contained");
    contained = Instant.now();
    assertThat(administrator.network("user")).isEqualTo("remediation");
  }

  /// Only help is reached, whatever access control would say; the other partition notices nothing.
  void isContained() throws Exception {
    assertThat(administrator.containment("user")).isEqualTo("contained");
    isOnlyHelped();
    assertThat(client("user").disk(1 << 20, LIMIT).isEqual()).as("it spoils its disk").isTrue();
    administrator.decide("user", Administrator.ANY);
    isOnlyHelped();
  }

  /// It is put back onto its safe image, and boots that.
  void isRebuilt() throws Exception {
    isRebuilt(RebuildProgress.NONE);
  }

  /// The same while somebody is told how it goes on.
  void isRebuilt(RebuildProgress progress) throws Exception {
    person(Trigger.REMEDIATE, "rebuild it");
    administrator.rebuild("user", progress);
    isAdmitted();
    isOnlyHelped();
  }

  /// It is looked at, and brought up to date as before.
  void isVerified() throws Exception {
    person(Trigger.VERIFY, "it booted what it should");
    decides("user", "unrestricted");
    isOnlyHelped();
  }

  /// It is trusted.
  void isTrusted() throws Exception {
    cleared = Instant.now();
    person(Trigger.CLEAR, "all is well");
    hasTheNetwork();
  }

  private void decideAgain(String partition) throws Exception {
    // One that was not booted is decided nothing about.
    services.access().orElseThrow().reevaluate(partition, LIMIT);
  }

  /// What was cut short in the process before is done.
  void rebuildIsCompleted() throws Exception {
    await(EventType.REBUILD_STATE, event -> "complete".equals(event.data().get("state")));
    isAdmitted();
    isOnlyHelped();
  }

  /// The process in which this step was done was killed, and this is the next one: all stands as it
  /// stood, and from the first moment on nobody got further than the step allows.
  void goesOnAfter(StoryStep step) throws Exception {
    Standing standing = services.containment().orElseThrow().status().getFirst().standing();
    assertThat(standing.state()).as(standing.reason()).isEqualTo(step.state());
    assertThat(services.enforcement().inForce("user").level())
        .as("never wider")
        .isGreaterThanOrEqualTo(step.access());
    // Malware has spoiled its disk: it is not booted, and has no access at all.
    boolean isSpoiled = step == StoryStep.IS_CONTAINED;
    assertThat(platform.partition("user").engine().state().is(Phase.RUNNING)).isEqualTo(!isSpoiled);
    decideAgain("user");
    decideAgain("other");
    assertThat(services.enforcement().inForce("user").level())
        .isEqualTo(isSpoiled ? AccessLevel.NONE : step.access());
    client("other").ping(StorySite.PEER, LIMIT);
    List<Ipv4Address> reached = knocker.orElseThrow().end();
    if (step.access() == AccessLevel.UNRESTRICTED) {
      client("user").ping(StorySite.PEER, LIMIT);
    } else {
      assertThat(reached).as("reached from or to the user's partition").isEmpty();
      for (String port : List.of("nic", "other")) {
        assertThat(Captures.from(StorySite.USER, Captures.sent(site.captures(), port)))
            .as("from the user's partition, at port " + port)
            .allMatch(one -> one.when().isBefore(began) || mayGoOut(one, step.access()));
      }
    }
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
          .noneMatch(this::wasWhileContained);
    }
    assertThat(Captures.sent(site.captures(), "user").stream().filter(this::wasWhileContained))
        .isNotEmpty()
        .allMatch(one -> isHelp(one.source()) || one.isRefusal());
  }

  /// With conditions, everybody may be looked for, see [StorySite].
  private static boolean mayGoOut(Captures.Sent one, AccessLevel access) {
    return isHelp(one.target())
        || access == AccessLevel.CONDITIONAL && one.packet().network() == Network.ARP;
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
      knocker.ifPresent(Knocker::close);
      services.close();
      assertThat(platform.lvmm().breaches()).isEmpty();
      platform.close();
    }
  }
}

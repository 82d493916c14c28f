package dev.portcullis.vmm.platform;

import dev.portcullis.machine.PlatformException;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.audit.AuditLog;
import dev.portcullis.vmm.audit.AuditOptions;
import dev.portcullis.vmm.engine.BootRefusedException;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.engine.EngineState;
import dev.portcullis.vmm.event.EventBus;
import dev.portcullis.vmm.event.EventRing;
import dev.portcullis.vmm.event.EventSource;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.event.FileSink;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.event.Subject;
import dev.portcullis.vmm.event.SyslogFormat;
import dev.portcullis.vmm.event.SyslogTcp;
import dev.portcullis.vmm.event.SyslogUdp;
import dev.portcullis.vmm.fault.ActionFailedException;
import dev.portcullis.vmm.fault.Actions;
import dev.portcullis.vmm.fault.FaultEvent;
import dev.portcullis.vmm.fault.FaultNews;
import dev.portcullis.vmm.fault.FaultResponder;
import dev.portcullis.vmm.platform.boot.BootDecision;
import dev.portcullis.vmm.platform.description.ManagementDescription;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The management application of the services partition: holds faults against rules, has done what
/// they say, and sends what happens to whoever is to know.
final class Management implements AutoCloseable {
  private static final int LATEST_EVENTS = 1000;
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration RECEIVER_PATIENCE = Duration.ofSeconds(5);

  private final RunningPlatform platform;
  private final EventBus bus;
  private final EventRing latest;
  private final FaultNews news;
  private final FaultResponder responder;

  private Management(
      RunningPlatform platform, ManagementDescription description, EventBus bus, EventRing latest) {
    this.latest = latest;
    this.platform = platform;
    this.bus = bus;
    this.news = new FaultNews(bus);
    this.responder = new FaultResponder(description.rules(), new Doing(), bus, System::nanoTime);
  }

  /// Management of `platform`.
  ///
  /// @throws PlatformException if a file cannot be written
  static Management start(RunningPlatform platform, ManagementDescription description)
      throws PlatformException {
    EventSource source = new EventSource("/portcullis/platform", Clock.systemUTC());
    EventBus bus = new EventBus(source, EventBus.Limits.DEFAULT);
    EventRing latest = new EventRing(LATEST_EVENTS);
    bus.add(latest);
    try {
      addSinks(bus, description);
    } catch (IOException e) {
      bus.close();
      throw new PlatformException("events: " + e.getMessage(), e);
    }
    Management management = new Management(platform, description, bus, latest);
    bus.publish(
        EventType.PLATFORM_STATE,
        Severity.NOTICE,
        Subject.PLATFORM,
        "the platform starts",
        Map.of("state", "starting"));
    return management;
  }

  private static void addSinks(EventBus bus, ManagementDescription description) throws IOException {
    SyslogFormat syslog = new SyslogFormat(host(), String.valueOf(ProcessHandle.current().pid()));
    if (description.audit().isPresent()) {
      bus.add(AuditLog.open(description.audit().get(), AuditOptions.DEFAULT, Clock.systemUTC()));
    }
    if (description.json().isPresent()) {
      bus.add(FileSink.cloudEvents(description.json().get()));
    }
    if (description.syslogFile().isPresent()) {
      bus.add(FileSink.syslog(description.syslogFile().get(), syslog));
    }
    if (description.syslogUdp().isPresent()) {
      bus.add(new SyslogUdp(description.syslogUdp().get(), syslog));
    }
    if (description.syslogTcp().isPresent()) {
      bus.add(new SyslogTcp(description.syslogTcp().get(), syslog, RECEIVER_PATIENCE));
    }
  }

  /// Beside the log: whoever fears for both copies it elsewhere.
  private static Path checkpointOf(Path log) {
    return log.resolveSibling(log.getFileName() + ".checkpoint");
  }

  private static String host() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException unknown) {
      return "localhost";
    }
  }

  /// The latest events, from the platform's start on.
  EventRing latest() {
    return latest;
  }

  /// Where everything that happens is told.
  EventBus bus() {
    return bus;
  }

  /// What the desk tells of faults. Never waits.
  void fault(FaultEvent event) {
    news.accept(event);
  }

  /// Holds a fault against the rules: each that was read, also those that are not told one by one.
  /// Never waits.
  void judge(FaultEvent.Refused fault) {
    responder.accept(fault);
  }

  /// A partition is doing otherwise. Never waits.
  void state(String partition, EngineState state) {
    bus.publish(
        EventType.PARTITION_STATE,
        Severity.NOTICE,
        Subject.ofPartition(partition),
        "partition " + partition + " is " + state,
        Map.of("state", state.toString()));
  }

  /// Another person writes on a partition's console. Never waits.
  void console(String partition, String what) {
    bus.publish(
        EventType.CONSOLE_WRITER,
        Severity.NOTICE,
        Subject.ofPartition(partition),
        what,
        Map.of("what", what));
  }

  /// A partition may begin, or must not. Never waits.
  void boot(String partition, BootDecision decision) {
    boolean refused = decision.isRefused();
    bus.publish(
        refused ? EventType.BOOT_REFUSED : EventType.BOOT_ADMITTED,
        refused ? Severity.ALERT : Severity.NOTICE,
        Subject.ofPartition(partition),
        "partition %s is %s: %s"
            .formatted(partition, refused ? "not booted" : "booted", decision.reason()),
        decision.data());
  }

  /// A function has changed hands, or was stopped. Never waits.
  void function(PlatformEvent.FunctionChange change) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("state", change.state().name().toLowerCase(Locale.ROOT));
    fields.put("device", change.name());
    change.from().ifPresent(from -> fields.put("from", from));
    bus.publish(
        EventType.FUNCTION_STATE,
        Severity.NOTICE,
        Subject.of(change.at(), Optional.of(change.partition())),
        change.toString(),
        fields);
  }

  /// The monitor could not do something. Never waits.
  void trouble(String what) {
    bus.publish(EventType.PLATFORM_TROUBLE, Severity.ERROR, Subject.PLATFORM, what, Map.of());
  }

  /// What rules can have done.
  private final class Doing implements Actions {
    @Override
    public void message(String text) {
      platform.tell(new PlatformEvent.Message(text));
    }

    @Override
    public void stopDevice(RequesterId at, Optional<String> partition)
        throws ActionFailedException {
      platform.stop(at, partition);
    }

    @Override
    public void haltPartition(String partition) throws ActionFailedException {
      try {
        platform.partition(partition).engine().halt(Actions.HALTED_BY_RULE, LIMIT);
      } catch (VmmException | EngineException e) {
        throw new ActionFailedException(e.getMessage(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ActionFailedException("interrupted", e);
      }
    }

    /// Every partition begins anew, in the order of the platform file.
    @Override
    public void rebootPlatform() throws ActionFailedException {
      for (RunningPartition partition : platform.partitions()) {
        try {
          partition.engine().kill();
          partition.engine().start(LIMIT);
        } catch (BootRefusedException _) {
          // That has been told; the others begin.
        } catch (EngineException e) {
          throw new ActionFailedException(e.getMessage(), e);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new ActionFailedException("interrupted", e);
        }
      }
    }
  }

  @Override
  public void close() {
    responder.close();
    bus.publish(
        EventType.PLATFORM_STATE,
        Severity.NOTICE,
        Subject.PLATFORM,
        "the platform ends",
        Map.of("state", "ending"));
    bus.close();
  }
}

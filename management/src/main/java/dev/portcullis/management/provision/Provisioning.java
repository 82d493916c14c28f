package dev.portcullis.management.provision;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.enforcement.Enforcement;
import dev.portcullis.management.recovery.DataDisk;
import dev.portcullis.management.recovery.RebuildProgress;
import dev.portcullis.management.recovery.Recovery;
import dev.portcullis.management.recovery.RecoveryException;
import dev.portcullis.management.state.StateException;
import dev.portcullis.management.state.StateStore;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.event.Subject;
import dev.portcullis.vmm.platform.Beginning;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/// Brings partitions to the platform, and takes those away again that it has brought.
///
/// ```
///   file ─▶ kept (disk) ─▶ its network closed ─▶ partition, off ─▶ disks from their safe images ─▶
///       verified ─▶ begins
/// ```
///
/// A partition that does not get to the end of that is taken away again. After a sudden end in
/// between, it is there with the platform's next start, and its disks are written anew before it
/// begins.
public final class Provisioning {
  private final RunningPlatform platform;
  private final VerifiedBoot boot;
  private final Recovery recovery;
  private final Enforcement enforcement;
  private final StateStore state;
  private final List<Caretaker> caretakers = new CopyOnWriteArrayList<>();

  public Provisioning(
      RunningPlatform platform,
      VerifiedBoot boot,
      Recovery recovery,
      Enforcement enforcement,
      StateStore state) {
    this.platform = platform;
    this.boot = boot;
    this.recovery = recovery;
    this.enforcement = enforcement;
    this.state = state;
  }

  /// Tells `caretaker` of partitions that come and go from now on.
  public void tell(Caretaker caretaker) {
    caretakers.add(caretaker);
  }

  /// Brings the partition of a [ProvisionFile], and has it begin.
  ///
  /// @param name what messages call the file
  /// @param folder what relative paths in it start from
  /// @return its name
  /// @throws ProvisionException if it is not there; events tell that, too
  public synchronized String provision(
      String name, Path folder, String yaml, RebuildProgress progress)
      throws ProvisionException, InterruptedException {
    Provision wanted = read(name, folder, yaml);
    String partition = wanted.name();
    boolean there = false;
    try {
      tell(partition, Severity.NOTICE, "started", "it is provisioned from " + name);
      Provisioned.keep(state, partition, name, folder, yaml);
      bring(wanted, progress);
      there = true;
      tell(partition, Severity.NOTICE, "complete", "it is there, and runs");
      return partition;
    } catch (StateException | VmmException | EngineException | RecoveryException e) {
      tell(partition, Severity.ERROR, "failed", "it is not there: " + e.getMessage());
      throw new ProvisionException(
          "partition %s is not there: %s".formatted(partition, e.getMessage()), e);
    } finally {
      if (!there) {
        forget(partition);
      }
    }
  }

  private Provision read(String name, Path folder, String yaml) throws ProvisionException {
    if (yaml.length() > ProvisionFile.MOST_CHARACTERS) {
      throw new ProvisionException(
          "%s: more than %d characters".formatted(name, ProvisionFile.MOST_CHARACTERS));
    }
    try {
      Provision wanted = ProvisionFile.parse(name, folder, yaml, platform.description());
      if (wanted.boot().isPresent() && !boot.hasKey()) {
        throw new ProvisionException(
            name + ": boot: the management file has no key to verify manifests with");
      }
      return wanted;
    } catch (MachineFileException e) {
      throw new ProvisionException(e.getMessage(), e);
    }
  }

  private void bring(Provision wanted, RebuildProgress progress)
      throws VmmException, EngineException, RecoveryException, InterruptedException {
    String partition = wanted.name();
    wanted.boot().ifPresent(boot::add);
    if (wanted.hasImages()) {
      platform.add(wanted.addition(), Beginning.LATER);
      came(partition);
      boolean rebuilt = false;
      try {
        recovery.rebuild(partition, DataDisk.KEEP, progress);
        rebuilt = true;
      } finally {
        if (!rebuilt) {
          takeAway(partition);
        }
      }
    } else {
      platform.add(wanted.addition(), Beginning.AT_ONCE);
      came(partition);
    }
  }

  /// Whoever decides about it has decided nothing until now, and nothing passes.
  private void came(String partition) throws VmmException {
    enforcement.begin(partition);
    RunningPartition running = platform.partition(partition);
    caretakers.forEach(one -> one.came(running));
  }

  private void takeAway(String partition) throws VmmException {
    platform.remove(partition);
    caretakers.forEach(one -> one.went(partition));
  }

  /// Takes a partition away that was provisioned: its disks stay as they are, its memory is
  /// overwritten.
  ///
  /// @throws ProvisionException if it was not provisioned, or the monitor cannot take it away
  public synchronized void remove(String partition) throws ProvisionException {
    try {
      if (!Provisioned.isKept(state, partition)) {
        throw new ProvisionException(
            "partition %s was not provisioned: what the platform file has stays"
                .formatted(partition));
      }
      if (platform.partitions().stream().anyMatch(one -> one.name().equals(partition))) {
        takeAway(partition);
      }
      boot.remove(partition);
      Provisioned.forget(state, partition);
      tell(partition, Severity.NOTICE, "removed", "it was taken away");
    } catch (StateException | VmmException e) {
      throw new ProvisionException(e.getMessage(), e);
    }
  }

  private void forget(String partition) {
    boot.remove(partition);
    try {
      Provisioned.forget(state, partition);
    } catch (StateException e) {
      tell(partition, Severity.ERROR, "failed", "it comes with the next start: " + e.getMessage());
    }
  }

  /// Tells what could not be brought with the platform's start.
  public void tell(List<String> troubles) {
    for (String trouble : troubles) {
      platform
          .events()
          .publish(
              EventType.PROVISION_STATE,
              Severity.ERROR,
              Subject.PLATFORM,
              trouble,
              Map.of("state", "failed"));
    }
  }

  private void tell(String partition, Severity severity, String stage, String text) {
    platform
        .events()
        .publish(
            EventType.PROVISION_STATE,
            severity,
            Subject.ofPartition(partition),
            "partition %s: %s".formatted(partition, text),
            Map.of("state", stage));
  }
}

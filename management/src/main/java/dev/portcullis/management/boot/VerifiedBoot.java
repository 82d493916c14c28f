package dev.portcullis.management.boot;

import dev.portcullis.management.boot.VerifiedBootDescription.Others;
import dev.portcullis.management.boot.VerifiedBootDescription.VerifiedPartition;
import dev.portcullis.management.boot.log.EventLog;
import dev.portcullis.management.boot.manifest.Manifest;
import dev.portcullis.management.boot.manifest.ManifestException;
import dev.portcullis.management.boot.manifest.ManifestFile;
import dev.portcullis.management.boot.manifest.VerifyingKey;
import dev.portcullis.management.state.StateException;
import dev.portcullis.management.state.StateStore;
import dev.portcullis.vmm.platform.boot.BootDecision;
import dev.portcullis.vmm.platform.boot.BootDecision.Outcome;
import dev.portcullis.vmm.platform.boot.BootGate;
import dev.portcullis.vmm.platform.boot.BootMaterial;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// Lets a partition begin if it boots from what its manifest says.
///
/// ```
///   material ──▶ measured ──▶ event log, BootRecord
///                   │
///   manifest ── signed by the key? not older than one before? ──▶ compared ──▶ begins, or stays off
///                   │
///   begin from the safe image? ── its disks are written from it before they are measured
///   rebuild under way, or cut short ─────────────────────────────▶ stays off
///   somebody objects ────────────────────────────────────────────▶ stays off
/// ```
///
/// Manifests are read anew each time. Whatever cannot be read, or known, refuses.
public final class VerifiedBoot implements BootGate {
  private static final System.Logger LOG = System.getLogger(VerifiedBoot.class.getName());
  private static final String VERSION = "boot.version.";
  private static final int MOST_SHOWN = 3;

  private final Optional<VerifiedBootDescription> wanted;
  private final StateStore state;
  private final RebuildMarker marker;
  private final Path logs;
  private final InstantSource clock;
  private final Map<String, VerifiedPartition> added = new ConcurrentHashMap<>();
  private final Map<String, BootRecord> records = new ConcurrentHashMap<>();
  private final List<BootObjection> objections = new CopyOnWriteArrayList<>();
  private final DiskWriters writers = new DiskWriters();
  private volatile BootSource source = BootSource.AS_IT_IS;

  /// @param wanted how partitions are verified; without, only those are refused whose disks may be
  ///   half written
  /// @param logs folder for event logs: `PARTITION.eventlog`
  public VerifiedBoot(
      Optional<VerifiedBootDescription> wanted, StateStore state, Path logs, InstantSource clock) {
    this.wanted = wanted;
    this.state = state;
    this.marker = new RebuildMarker(state);
    this.logs = logs;
    this.clock = clock;
  }

  /// Has somebody asked, too, each time that a partition is about to begin.
  public void ask(BootObjection objection) {
    objections.add(objection);
  }

  /// Has `source` see to what partitions boot from, from now on.
  public void prepareBy(BootSource source) {
    this.source = source;
  }

  /// Who writes disks of partitions that are off.
  public DiskWriters writers() {
    return writers;
  }

  /// Whether there is a key that manifests are signed with.
  public boolean hasKey() {
    return wanted.isPresent();
  }

  /// Verifies one more partition from now on; the platform's description knows nothing of it.
  public void add(VerifiedPartition partition) {
    added.put(partition.partition(), partition);
  }

  /// Forgets a partition that was added.
  public void remove(String partition) {
    added.remove(partition);
  }

  /// The latest time that a partition was about to begin, if it was measured then.
  public Optional<BootRecord> record(String partition) {
    return Optional.ofNullable(records.get(partition));
  }

  /// What the safe images of a partition's disks are, if there are any.
  public Map<String, Path> images(String partition) {
    return place(partition).map(VerifiedPartition::images).orElse(Map.of());
  }

  private Optional<VerifiedPartition> place(String partition) {
    return wanted
        .flatMap(boot -> boot.partition(partition))
        .or(() -> Optional.ofNullable(added.get(partition)));
  }

  /// The manifest of a partition, as it counts now.
  ///
  /// @throws ManifestException if there is none that counts
  public Manifest manifest(String partition) throws ManifestException {
    VerifiedPartition place =
        place(partition).orElseThrow(() -> new ManifestException("it has no manifest"));
    VerifyingKey key = VerifyingKey.read(wanted.orElseThrow().key());
    Manifest manifest = ManifestFile.readSigned(place.manifest(), place.signature(), key);
    if (!manifest.partition().equals(partition)) {
      throw new ManifestException(
          "%s is the manifest of partition %s".formatted(place.manifest(), manifest.partition()));
    }
    long newest = newest(partition);
    if (manifest.version() < newest) {
      throw new ManifestException(
          "%s has version %d, and %d was used before"
              .formatted(place.manifest(), manifest.version(), newest));
    }
    return manifest;
  }

  private long newest(String partition) throws ManifestException {
    try {
      return Long.parseLong(state.read(VERSION + partition).orElse("0"));
    } catch (StateException | NumberFormatException e) {
      throw new ManifestException("which version was used before is not known", e);
    }
  }

  @Override
  public BootDecision decide(BootMaterial material) throws InterruptedException {
    for (BootObjection objection : objections) {
      Optional<String> why = objection.to(material.partition());
      if (why.isPresent()) {
        return BootDecision.refused(why.get(), Map.of());
      }
    }
    return Uninterrupted.call("boot of " + material.partition(), () -> decideNow(material));
  }

  private BootDecision decideNow(BootMaterial material) {
    BootSource.Prepared prepared = source.prepare(material);
    List<String> findings = new ArrayList<>(prepared.trouble().stream().toList());
    boolean isRebuilt = isRebuilt(material.partition(), findings);
    if (wanted.isEmpty()) {
      return findings.isEmpty()
          ? BootDecision.UNCHECKED
          : BootDecision.refused(text(findings), Map.of());
    }
    Optional<Manifest> manifest = manifest(material.partition(), findings);
    // Disks that may be half written need no look.
    Measurer measurer = new Measurer(isRebuilt ? Optional.empty() : manifest);
    measurer.measure(material);
    findings.addAll(measurer.findings());
    if (manifest.isPresent() && !isRebuilt) {
      findings.addAll(Comparison.of(manifest.get(), material, measurer.measurements()));
    }
    manifest.filter(one -> findings.isEmpty()).ifPresent(one -> remember(one, findings));
    return told(keep(material, manifest, measurer, findings), prepared);
  }

  private static BootDecision told(BootDecision decision, BootSource.Prepared prepared) {
    if (!prepared.isRestored()) {
      return decision;
    }
    Map<String, Object> data = new LinkedHashMap<>(decision.data());
    data.put("source", "safe-image");
    return new BootDecision(
        decision.outcome(), decision.reason() + "; its disks are as their safe images are", data);
  }

  /// Whether its disks may be half written.
  private boolean isRebuilt(String partition, List<String> findings) {
    try {
      boolean isSet = marker.read(partition).isPresent();
      if (isSet) {
        findings.add("its rebuild is not complete");
      }
      return isSet;
    } catch (StateException e) {
      findings.add("whether its rebuild is complete is not known: " + e.getMessage());
      return true;
    }
  }

  private Optional<Manifest> manifest(String partition, List<String> findings) {
    if (place(partition).isEmpty() && wanted.orElseThrow().others() == Others.START) {
      return Optional.empty();
    }
    try {
      return Optional.of(manifest(partition));
    } catch (ManifestException e) {
      findings.add(e.getMessage());
      return Optional.empty();
    }
  }

  /// An older manifest does not count from now on.
  private void remember(Manifest manifest, List<String> findings) {
    try {
      String version = Long.toString(manifest.version());
      if (!state.read(VERSION + manifest.partition()).equals(Optional.of(version))) {
        state.write(VERSION + manifest.partition(), version);
      }
    } catch (StateException e) {
      findings.add("the manifest's version cannot be kept: " + e.getMessage());
    }
  }

  private BootDecision keep(
      BootMaterial material,
      Optional<Manifest> manifest,
      Measurer measurer,
      List<String> findings) {
    Outcome outcome =
        !findings.isEmpty()
            ? Outcome.REFUSED
            : manifest.isPresent() ? Outcome.ADMITTED : Outcome.UNCHECKED;
    OptionalLong version =
        manifest.isPresent() ? OptionalLong.of(manifest.get().version()) : OptionalLong.empty();
    BootRecord record =
        new BootRecord(
            material.partition(),
            clock.instant(),
            outcome,
            findings,
            measurer.measurements(),
            version,
            EventLog.of(measurer.events()));
    records.put(material.partition(), record);
    write(record);
    return new BootDecision(
        outcome, findings.isEmpty() ? "it is as its manifest says" : text(findings), data(record));
  }

  private static String text(List<String> findings) {
    String shown = String.join("; ", findings.subList(0, Math.min(MOST_SHOWN, findings.size())));
    return findings.size() > MOST_SHOWN
        ? "%s; and %d more".formatted(shown, findings.size() - MOST_SHOWN)
        : shown;
  }

  /// Fields of the event that tells of it.
  private static Map<String, Object> data(BootRecord record) {
    Map<String, Object> data = new LinkedHashMap<>();
    record.manifestVersion().ifPresent(version -> data.put("manifest-version", version));
    for (Measurement one : record.measurements()) {
      if (!one.what().startsWith("disk ")) {
        data.put(one.what(), one.value());
      }
    }
    record.registers().forEach((number, value) -> data.put("pcr-" + number, value));
    data.put("log", HexFormat.of().formatHex(Measurer.sha256(record.eventLog())));
    return data;
  }

  /// For others: what counts is what this process knows.
  private void write(BootRecord record) {
    Path file = logs.resolve(record.partition() + ".eventlog");
    Path next = logs.resolve(record.partition() + ".eventlog.next");
    try {
      Files.createDirectories(logs);
      Files.write(next, record.eventLog());
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cannot write " + file + ": " + e.getMessage());
    }
  }
}

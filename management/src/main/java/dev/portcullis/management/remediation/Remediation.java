package dev.portcullis.management.remediation;

import dev.portcullis.management.recovery.DataDisk;
import dev.portcullis.management.recovery.RebuildProgress;
import dev.portcullis.management.recovery.Recovery;
import dev.portcullis.management.recovery.RecoveryException;
import dev.portcullis.management.remediation.RemediationStep.Action;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.software.Client;
import dev.portcullis.vmm.software.Client.ClientException;
import dev.portcullis.vmm.software.Client.PackageOffer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;

/// Does the steps.
public final class Remediation {
  /// The largest package.
  public static final int MOST_PACKAGE_BYTES = 1 << 20;

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final RunningPlatform platform;
  private final Recovery recovery;
  private final Optional<HelpHost> help;

  /// @param help that has the packages, if there is one
  public Remediation(RunningPlatform platform, Recovery recovery, Optional<HelpHost> help) {
    this.platform = platform;
    this.recovery = recovery;
    this.help = help;
  }

  /// Does one step.
  ///
  /// @return what was done, for people
  /// @throws RemediationException if it did not work
  public String run(String partition, RemediationStep step)
      throws RemediationException, InterruptedException {
    try {
      return switch (step.action()) {
        case Action.Install(Path file) -> "installed " + install(partition, file);
        case Action.Restart(String service) -> {
          client(partition).restart(service, LIMIT);
          yield "restarted " + service;
        }
        case Action.Measure() -> "looked at again";
        case Action.Rebuild() -> {
          recovery.rebuild(partition, DataDisk.KEEP, RebuildProgress.NONE);
          yield "rebuilt from its safe image";
        }
      };
    } catch (ClientException | VmmException | RecoveryException e) {
      throw new RemediationException(e.getMessage(), e);
    }
  }

  private Client client(String partition) throws VmmException, RemediationException {
    return platform
        .partition(partition)
        .client()
        .orElseThrow(() -> new RemediationException(partition + " does nothing for us"));
  }

  private String install(String partition, Path file)
      throws RemediationException, VmmException, ClientException, InterruptedException {
    HelpHost from =
        help.orElseThrow(() -> new RemediationException("there is no host that offers packages"));
    byte[] content = read(file);
    String path = from.offer(file.getFileName().toString(), content);
    return client(partition)
        .install(new PackageOffer(from.address(), path, sha256(content)), LIMIT);
  }

  private static byte[] read(Path file) throws RemediationException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] content = in.readNBytes(MOST_PACKAGE_BYTES + 1);
      if (content.length > MOST_PACKAGE_BYTES) {
        throw new RemediationException(file + " is larger than 1 MiB");
      }
      return content;
    } catch (NoSuchFileException e) {
      throw new RemediationException("there is no file " + file, e);
    } catch (IOException e) {
      throw new RemediationException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}

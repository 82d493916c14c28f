package dev.portcullis.vmm.iomodel;

import dev.portcullis.guest.port.GuestMachine;
import dev.portcullis.machine.PlatformException;
import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.vmm.engine.ConsoleLog;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.engine.embedded.Software;
import dev.portcullis.vmm.iomodel.CpuClock.Used;
import dev.portcullis.vmm.iomodel.Measurement.Cpu;
import dev.portcullis.vmm.iomodel.Measurement.Toll;
import dev.portcullis.vmm.iomodel.Measurement.Work;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// Does the same work on a disk and on a network card in each of the models, each on a machine of
/// its own, and says what it cost.
public final class IoModels {
  private static final Duration START_LIMIT = Duration.ofSeconds(10);

  /// Work done beforehand, in steps, so that what is measured runs as compiled code.
  private static final long WARM_UP_NANOS = 1_000_000_000;

  private static final long WARM_UP_BYTES = 1 << 20;

  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      devices: []
      partitions: [{name: guest, memory: 32M, runs: client}]
      """;

  private final long bytes;
  private final Progress progress;

  /// Told how far the work is; at once done with it.
  public interface Progress {
    /// @param fraction of this part of the work, 0 to 1
    void at(IoDevice device, IoModel model, double fraction);
  }

  /// @param bytes how many go to each device, and come back; rounded up to whole operations
  public IoModels(long bytes, Progress progress) {
    this.bytes = bytes;
    this.progress = progress;
  }

  /// Does it.
  ///
  /// @return one measurement for each device in each model, those of a device side by side
  /// @throws IoModelException if a device does not do its part, or gives back what is not the same
  public List<Measurement> run() throws IoModelException, InterruptedException {
    List<Measurement> all = new ArrayList<>();
    for (IoDevice device : IoDevice.values()) {
      for (IoModel model : IoModel.values()) {
        all.add(measure(device, model));
      }
    }
    return all;
  }

  /// Does the work on one device in one model.
  ///
  /// @throws IoModelException if the device does not do its part, or gives back what is not the
  ///   same
  public Measurement measure(IoDevice device, IoModel model)
      throws IoModelException, InterruptedException {
    Guest guest = new Guest(device, model);
    try (Bench bench = new Bench(description(), device, model, guest)) {
      guest.bench.complete(bench);
      bench.engine().start(START_LIMIT);
      Measurement measured = guest.measured.get();
      if (!measured.work().isEqual()) {
        throw new IoModelException(words(device, model) + ": what came back is not what was sent");
      }
      return measured;
    } catch (PlatformException | EngineException e) {
      throw new IoModelException(words(device, model) + ": " + e.getMessage(), e);
    } catch (ExecutionException e) {
      throw new IoModelException(
          words(device, model) + ": " + e.getCause().getMessage(), e.getCause());
    }
  }

  private static String words(IoDevice device, IoModel model) {
    return (device + ", " + model).toLowerCase(Locale.ROOT);
  }

  private static PlatformDescription description() throws PlatformException {
    try {
      return PlatformFile.parse("io-models", Path.of("."), PLATFORM);
    } catch (MachineFileException e) {
      throw new PlatformException(e.getMessage(), e);
    }
  }

  /// The software of the partition: does the work twice, and measures the second time.
  private final class Guest implements Software {
    private final IoDevice device;
    private final IoModel model;
    private final CompletableFuture<Bench> bench = new CompletableFuture<>();
    private final CompletableFuture<Measurement> measured = new CompletableFuture<>();

    private Guest(IoDevice device, IoModel model) {
      this.device = device;
      this.model = model;
    }

    @Override
    public void run(GuestMachine machine, ConsoleLog console) throws Exception {
      try {
        measured.complete(measure(machine));
      } catch (Exception | Error e) {
        measured.completeExceptionally(e);
        throw e;
      }
    }

    private Measurement measure(GuestMachine machine) throws Exception {
      try (Trial trial = trial(machine)) {
        warmUp(trial);
        return measure(trial);
      }
    }

    private void warmUp(Trial trial) throws Exception {
      long start = System.nanoTime();
      for (long done = 0;
          done < bytes && System.nanoTime() - start < WARM_UP_NANOS;
          done += WARM_UP_BYTES) {
        trial.work(WARM_UP_BYTES, part -> {});
      }
    }

    private Trial trial(GuestMachine machine) throws Exception {
      return switch (device) {
        case DISK -> DiskTrial.on(machine, model);
        case NETWORK -> NetworkTrial.on(machine, model);
      };
    }

    private Measurement measure(Trial trial) throws Exception {
      Bench machine = bench.get();
      Toll before = machine.toll();
      long requestsBefore = machine.dmaRequests();
      CpuClock clock = new CpuClock();
      long start = System.nanoTime();
      Work work = trial.work(bytes, done -> progress.at(device, model, done));
      long nanos = System.nanoTime() - start;
      return new Measurement(
          device,
          model,
          work,
          nanos,
          cpu(clock),
          machine.toll().minus(before),
          machine.dmaRequests() - requestsBefore);
    }

    private Cpu cpu(CpuClock clock) {
      Used used = clock.used(Bench.NAME);
      return model == IoModel.DIRECT
          ? new Cpu(used.partition(), used.others())
          : new Cpu(used.partition() + used.others(), 0);
    }

    /// The one function is there before power is on, and stays.
    @Override
    public void functionsChanged() {}

    /// It ends when its work is done.
    @Override
    public void powerButton() {}
  }
}

package dev.portcullis.vmm.iomodel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IoModelsTest {
  private static final long BYTES = 2 << 20;

  @ParameterizedTest
  @EnumSource
  void theModelsDoTheSameWorkAndDifferInWhatTheMonitorDoesForIt(IoDevice device) throws Exception {
    Map<IoModel, Measurement> by = new TreeMap<>();
    for (IoModel model : IoModel.values()) {
      by.put(model, new IoModels(BYTES, (_, _, _) -> {}).measure(device, model));
    }
    Measurement emulated = by.get(IoModel.EMULATED);
    Measurement paravirtual = by.get(IoModel.PARAVIRTUAL);
    Measurement direct = by.get(IoModel.DIRECT);

    assertThat(by.values().stream().map(Measurement::work).distinct()).hasSize(1);
    assertThat(by.values()).allMatch(one -> one.work().isEqual());
    assertThat(direct.monitor()).isEqualTo(new Measurement.Toll(0, 0, 0));
    assertThat(direct.dmaRequestsPerOperation()).isGreaterThanOrEqualTo(1);
    assertThat(direct.cpu().deviceNanos()).isPositive();
    // A card that never falls asleep wants no doorbell.
    assertThat(paravirtual.monitor().traps())
        .isGreaterThanOrEqualTo(device == IoDevice.DISK ? 1 : 0);
    assertThat(paravirtual.trapsPerOperation()).isLessThan(4);
    assertThat(paravirtual.copiesPerByte()).isBetween(1.0, 1.1);
    assertThat(paravirtual.dmaRequests()).isZero();
    assertThat(emulated.monitor().traps()).isGreaterThan(emulated.work().bytes() / 2);
    assertThat(emulated.copiesPerByte()).isBetween(1.0, 1.1);
    assertThat(emulated.dmaRequests()).isZero();
    assertThat(by.values()).allMatch(one -> one.cpu().processorNanos() > 0);
  }

  @Test
  void progressGoesFromModelToModelAndNeverBack() throws Exception {
    List<String> parts = new ArrayList<>();
    List<Double> fractions = new ArrayList<>();
    IoModels models =
        new IoModels(
            1,
            (device, model, fraction) -> {
              String part = device + " " + model;
              if (parts.isEmpty() || !parts.getLast().equals(part)) {
                parts.add(part);
                fractions.clear();
              }
              assertThat(fractions).allMatch(before -> before <= fraction);
              fractions.add(fraction);
            });

    assertThat(models.run()).hasSize(6);
    assertThat(parts)
        .containsExactly(
            "DISK EMULATED",
            "DISK PARAVIRTUAL",
            "DISK DIRECT",
            "NETWORK EMULATED",
            "NETWORK PARAVIRTUAL",
            "NETWORK DIRECT");
  }
}

package dev.portcullis.conformance.driver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.driver.DriverOptions;
import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.device.Device;
import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.driver.domain.Domains;
import dev.portcullis.driver.domain.PagingDomain;
import dev.portcullis.driver.domain.PagingDomain.Snoop;
import dev.portcullis.kit.driver.InProcessPlatform;
import dev.portcullis.kit.random.Seed;
import dev.portcullis.spec.register.TableMode;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Random maps, unmaps and moves from domain to domain; what a device reaches is what a plain array
/// of pages says, at once, and every page of tables comes back.
class DriverPropertyTest {
  private static final int SOURCE = 0x0108;
  private static final int STEPS = 1_500;
  private static final int STEPS_BETWEEN_WHOLE_CHECKS = 250;

  private static Stream<Arguments> kinds() {
    return Stream.of(Units.values())
        .flatMap(unit ->
            Stream.of(Kind.values())
                .filter(kind -> kind.suits(unit))
                .map(kind -> Arguments.of(unit, kind)));
  }

  /// Mode of the unit, and stage of the domains.
  private enum Kind {
    LEGACY(TableMode.LEGACY),
    SECOND_STAGE(TableMode.SCALABLE),
    FIRST_STAGE(TableMode.SCALABLE);

    final TableMode mode;

    Kind(TableMode mode) {
      this.mode = mode;
    }

    boolean suits(Units unit) {
      return unit.has(mode)
          && switch (this) {
            case LEGACY -> true;
            case SECOND_STAGE -> unit.traits(mode).hasSecondStage();
            case FIRST_STAGE -> unit.traits(mode).hasFirstStage();
          };
    }

    PagingDomain in(Domains domains) throws Exception {
      return this == FIRST_STAGE ? domains.firstStage(4, Snoop.AS_REQUESTED) : domains.paging();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aDeviceReachesWhatIsMappedAndNothingElse(Units unit, Kind kind) throws Exception {
    Seed seed = Seed.ofThisRun();
    SplittableRandom random = seed.random(unit.ordinal() * 8L + kind.ordinal());
    InProcessPlatform platform = new InProcessPlatform(unit.configuration());
    RemappingDriver driver =
        RemappingDriver.start(platform.platform(), DriverOptions.DEFAULT.in(kind.mode));
    Device device = driver.device(SOURCE, DeviceFeatures.NONE);
    MappedModel[] models = new MappedModel[2];
    for (int i = 0; i < models.length; i++) {
      models[i] = new MappedModel(kind.in(driver.domains()), random.split(), seed);
    }
    MappedModel current = models[0];
    device.attach(current.domain());
    for (int step = 0; step < STEPS; step++) {
      if (random.nextInt(20) == 0) {
        current = models[random.nextInt(models.length)];
        device.attach(current.domain());
      }
      current.step(platform, SOURCE);
      if (step % STEPS_BETWEEN_WHOLE_CHECKS == 0) {
        current.checkAll(platform, SOURCE);
      }
    }
    device.detachAll();
    for (MappedModel model : models) {
      model.domain().close();
    }
    driver.shutDown();
    assertThat(platform.pagesTaken()).as("pages left behind, " + seed).isZero();
  }
}

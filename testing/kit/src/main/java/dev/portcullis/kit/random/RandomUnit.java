package dev.portcullis.kit.random;

import static java.util.Map.entry;

import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.UnitConfigurationBuilder;
import dev.portcullis.unit.policy.AddressWidth;
import dev.portcullis.unit.policy.Bit62;
import dev.portcullis.unit.policy.CacheSizes;
import dev.portcullis.unit.policy.LargePage;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/// Units of random capabilities.
public final class RandomUnit {
  /// What bears on translation, each with those it cannot be without.
  private static final Map<Feature, List<Feature>> NEEDS =
      Map.ofEntries(
          entry(Feature.ZERO_LENGTH_READ, List.of()),
          entry(Feature.SNOOP_CONTROL, List.of()),
          entry(Feature.PASS_THROUGH, List.of()),
          entry(Feature.PAGE_SELECTIVE_INVALIDATION, List.of()),
          entry(Feature.ABORT_DMA_MODE, List.of()),
          entry(Feature.ENHANCED_SET_ROOT_TABLE_POINTER, List.of()),
          entry(Feature.DEVICE_TLBS, List.of()),
          entry(Feature.NO_WRITE_FLAG, List.of(Feature.DEVICE_TLBS)),
          entry(Feature.SCALABLE_MODE, List.of()),
          entry(Feature.FIRST_STAGE, List.of(Feature.SCALABLE_MODE)),
          entry(Feature.FIRST_STAGE_5_LEVELS, List.of(Feature.FIRST_STAGE)),
          entry(Feature.FIRST_STAGE_1_GIB_PAGES, List.of(Feature.FIRST_STAGE)),
          entry(Feature.SECOND_STAGE, List.of(Feature.SCALABLE_MODE)),
          entry(Feature.SECOND_STAGE_IO_RIGHTS, List.of(Feature.SECOND_STAGE)),
          entry(
              Feature.NESTED_TRANSLATION,
              List.of(Feature.SCALABLE_MODE, Feature.FIRST_STAGE, Feature.SECOND_STAGE)),
          entry(Feature.SCALABLE_WALK_COHERENCY, List.of(Feature.SCALABLE_MODE)),
          entry(
              Feature.SECOND_STAGE_ACCESSED_DIRTY,
              List.of(Feature.SCALABLE_WALK_COHERENCY, Feature.SECOND_STAGE)),
          entry(
              Feature.EXTENDED_ACCESSED_FLAG,
              List.of(Feature.FIRST_STAGE, Feature.SCALABLE_WALK_COHERENCY)),
          entry(Feature.REQUESTER_PASID, List.of(Feature.SCALABLE_MODE)),
          entry(Feature.SUPERVISOR_REQUESTS, List.of(Feature.SCALABLE_MODE)),
          entry(Feature.REQUESTER_PRIVILEGE, List.of(Feature.SUPERVISOR_REQUESTS)),
          entry(Feature.PASID, List.of(Feature.SCALABLE_MODE)),
          entry(Feature.PASID_IN_TRANSLATED_REQUESTS, List.of(Feature.DEVICE_TLBS, Feature.PASID)),
          entry(
              Feature.HOST_PERMISSION_TABLES, List.of(Feature.SCALABLE_MODE, Feature.DEVICE_TLBS)),
          entry(Feature.HOST_PERMISSION_1_GIB, List.of(Feature.HOST_PERMISSION_TABLES)),
          entry(Feature.PAGE_REQUESTS, List.of(Feature.DEVICE_TLBS, Feature.SCALABLE_MODE)),
          entry(Feature.MEMORY_TYPES, List.of(Feature.SCALABLE_MODE)));

  private final SplittableRandom random;

  public RandomUnit(SplittableRandom random) {
    this.random = random;
  }

  /// A unit with a queue that has most of what there is.
  public UnitConfigurationBuilder choose(UnitConfigurationBuilder builder) {
    Set<Feature> features = EnumSet.noneOf(Feature.class);
    for (Feature feature : EnumSet.copyOf(NEEDS.keySet())) {
      if (random.nextInt(7) > 0) {
        features.add(feature);
      }
    }
    while (features.removeIf(feature -> !features.containsAll(NEEDS.get(feature)))) {
      // What lost its ground goes, too.
    }
    Set<Feature> missing = EnumSet.copyOf(NEEDS.keySet());
    missing.removeAll(features);
    int haw = random.nextInt(42, 53);
    return builder
        .without(missing.toArray(Feature[]::new))
        .with(features.toArray(Feature[]::new))
        .version(version(features), 0)
        .addressWidths(widths())
        .largePages(pages())
        .hostAddressBits(haw)
        .guestAddressBits(random.nextInt(haw, 65))
        .domainIdBits(4 + 2 * random.nextInt(7))
        .pasidBits(random.nextInt(3) == 0 ? random.nextInt(2, 20) : 20)
        .bit62(random.nextBoolean() ? Bit62.RESERVED : Bit62.IGNORED)
        .caches(random.nextBoolean() ? CacheSizes.DEFAULT : new CacheSizes(4, 4, 4, 1, 4));
  }

  /// From version 6 on there are no second-stage widths without a second stage.
  private int version(Set<Feature> features) {
    boolean late = features.contains(Feature.SECOND_STAGE) && random.nextInt(8) == 0;
    return late ? random.nextInt(6, 10) : random.nextInt(1, 6);
  }

  private Set<AddressWidth> widths() {
    Set<AddressWidth> widths = EnumSet.noneOf(AddressWidth.class);
    for (AddressWidth width : AddressWidth.values()) {
      if (random.nextInt(3) > 0) {
        widths.add(width);
      }
    }
    return widths.isEmpty() ? EnumSet.allOf(AddressWidth.class) : widths;
  }

  private Set<LargePage> pages() {
    return switch (random.nextInt(4)) {
      case 0 -> Set.of();
      case 1 -> Set.of(LargePage.MIB_2);
      default -> EnumSet.allOf(LargePage.class);
    };
  }
}

package dev.portcullis.management.redfish;

import static dev.portcullis.management.redfish.Resource.encoded;
import static dev.portcullis.management.redfish.Resource.link;

import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.inventory.AssetInventory;
import dev.portcullis.management.inventory.ImageItem;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What runs: this program, and what partitions boot from, as it was measured.
final class Software {
  private static final String PATH = Services.UPDATE + "/SoftwareInventory";
  private static final String OWN = "Portcullis";

  private final RunningPlatform platform;
  private final VerifiedBoot boot;

  /// @param boot knows what was measured
  Software(RunningPlatform platform, VerifiedBoot boot) {
    this.platform = platform;
    this.boot = boot;
  }

  /// @param at path below `UpdateService`
  Optional<Resource> find(List<String> at) {
    if (at.isEmpty()) {
      return Optional.of(Services.update());
    }
    if (!at.getFirst().equals("SoftwareInventory") || at.size() > 2) {
      return Optional.empty();
    }
    List<ImageItem> images = AssetInventory.images(platform, Optional.of(boot));
    if (at.size() == 1) {
      List<String> ids = new ArrayList<>(List.of(OWN));
      images.forEach(image -> ids.add(encoded(id(image))));
      return Optional.of(Resource.collection(PATH, "SoftwareInventory", "Software", ids));
    }
    return at.get(1).equals(OWN)
        ? Optional.of(own())
        : images.stream()
            .filter(image -> id(image).equals(at.get(1)))
            .findFirst()
            .map(Software::image);
  }

  private static String id(ImageItem image) {
    return image.partition() + "-" + image.what().replace(' ', '-');
  }

  private static Resource of(String id, String name) {
    return Resource.of(
            PATH + "/" + encoded(id), "#SoftwareInventory.v1_10_0.SoftwareInventory", name)
        .with("Updateable", false)
        .with("Status", Resource.OK);
  }

  private static Resource own() {
    return of(OWN, OWN)
        .with("Manufacturer", OWN)
        .with("Version", AssetInventory.version())
        .with("RelatedItem", List.of(link(Lvmm.PATH)));
  }

  private static Resource image(ImageItem image) {
    return of(id(image), "%s of %s".formatted(image.what(), image.partition()))
        .with("Version", image.manifestVersion().isEmpty() ? null : image.manifestVersion())
        .with("RelatedItem", List.of(link(Systems.PATH + "/" + encoded(image.partition()))))
        .with(
            "Oem",
            Oem.of(
                "SoftwareInventory",
                "What",
                image.what(),
                "Digest",
                image.digest(),
                "Manifest",
                image.manifest(),
                "Verdict",
                image.verdict(),
                "Time",
                image.time()));
  }
}

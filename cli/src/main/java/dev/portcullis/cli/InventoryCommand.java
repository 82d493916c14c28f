package dev.portcullis.cli;

import dev.portcullis.management.inventory.AssetInventory;
import dev.portcullis.vmm.platform.control.ControlClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/// Lists what a running platform has.
@Command(
    name = "inventory",
    description = {
      "Lists what a running platform has: versions, partitions, functions with their identities,",
      "disks with serial numbers, network cards with addresses, and what partitions boot from,",
      "as it was measured."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class InventoryCommand implements Callable<Integer> {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String INVENTORY = "inventory";

  @Spec private CommandSpec spec;

  @Mixin private ControlSocket control;

  @Option(names = "--json", description = "As JSON.")
  private boolean json;

  @Override
  public Integer call() throws UserError {
    PrintWriter out = spec.commandLine().getOut();
    try (ControlClient platform = control.connect()) {
      String answer = platform.json(INVENTORY, Map.of(), INVENTORY);
      if (json) {
        out.println(answer);
      } else {
        InventoryTable.of(JSON.readValue(answer, AssetInventory.class)).forEach(out::println);
      }
      out.flush();
      return 0;
    } catch (IOException e) {
      throw new UserError(e.getMessage());
    }
  }
}

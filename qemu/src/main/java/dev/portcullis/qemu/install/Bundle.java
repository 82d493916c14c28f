package dev.portcullis.qemu.install;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/// Something to be installed into the cache as one folder: which packages, and what of them is
/// kept.
///
/// @param identity what it is called
/// @param suite where the packages come from
/// @param packages what to ask for
/// @param wanted which packages of the closure are downloaded at all
/// @param keeper fills the folder from the unpacked packages
record Bundle(
    Identity identity,
    DebianSuite suite,
    List<String> packages,
    Predicate<DebianPackage> wanted,
    Keeper keeper) {

  /// What tells one bundle from another.
  ///
  /// @param name of its folder in the cache
  /// @param edition raised when the packages or the keeper change, so that older folders are
  ///   replaced
  record Identity(String name, int edition) {}

  String name() {
    return identity.name();
  }

  /// Keeps of unpacked packages what is needed: they are several times larger than that.
  @FunctionalInterface
  interface Keeper {

    /// @param unpacked the packages' files, below a folder that stands for `/`
    /// @param kept the empty folder to fill
    void keep(Path unpacked, Path kept)
        throws IOException, ProvisioningException, InterruptedException;
  }
}

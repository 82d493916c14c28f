/// Hash trees over the blocks of a disk, in the format of Linux's dm-verity: `veritysetup` reads
/// what is written here, and computes the same root.
package dev.portcullis.management.boot.verity;

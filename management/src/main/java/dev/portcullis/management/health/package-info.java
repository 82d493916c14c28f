/// Whether the platform is well: looks at the unit, the way of every function's requests, memory
/// and disks, while partitions run, hang or are off; and has done what rules say about what is ill.
package dev.portcullis.management.health;

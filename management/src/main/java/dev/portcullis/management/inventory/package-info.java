/// What a platform has: machine, partitions, disks, cards, and what was measured of what they boot.
package dev.portcullis.management.inventory;

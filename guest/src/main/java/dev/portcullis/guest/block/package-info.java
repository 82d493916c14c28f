/// What all disks have in common, whoever drives them.
package dev.portcullis.guest.block;

/// Makes the unit forget: batches of descriptors, and the two ways to hand them over.
package dev.portcullis.driver.invalidation;

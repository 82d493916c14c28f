/// Pages that devices ask for, and the answers.
package dev.portcullis.driver.pagerequest;

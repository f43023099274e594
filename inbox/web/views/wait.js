// How long something has waited: by the second in its first minute, by the minute from then on.
import { age } from "../lib/clock.js";
import { span } from "../lib/time.js";

export const Wait = ({ since }) => span(age(since));

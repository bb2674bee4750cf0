// Reads every *.ics of a folder with ical.js and prints, as JSON by name, what a calendar would show. ical.js knows no time zone by
// itself: what it says of an instant, it says by the object's own VTIMEZONE.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ICAL from "ical.js";

const pad = (n) => String(n).padStart(2, "0");

// The wall clock in words of our own, so that no library's formatting is in between.
const wall = (time) => `${time.year}-${pad(time.month)}-${pad(time.day)}T${pad(time.hour)}:${pad(time.minute)}:${pad(time.second)}`;

function read(text) {
  ICAL.TimezoneService.reset();
  const calendar = new ICAL.Component(ICAL.parse(text));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(new ICAL.Timezone(zone));
  const vevents = calendar.getAllSubcomponents("vevent");
  const event = new ICAL.Event(vevents[0]);
  const attendees = vevents[0].getAllProperties("attendee");
  return {
    method: calendar.getFirstPropertyValue("method"),
    events: vevents.length,
    uid: event.uid,
    sequence: event.sequence,
    status: vevents[0].getFirstPropertyValue("status"),
    summary: event.summary,
    description: event.description,
    location: event.location,
    organizer: event.organizer,
    attendees: attendees.map((attendee) => attendee.getFirstValue()),
    partstat: attendees.map((attendee) => attendee.getParameter("partstat") ?? null),
    start: event.startDate.toUnixTime(),
    end: event.endDate.toUnixTime(),
    wall: wall(event.startDate),
  };
}

const folder = process.argv[2];
const names = readdirSync(folder).filter((name) => name.endsWith(".ics"));
console.log(JSON.stringify(Object.fromEntries(names.map((name) => [name, read(readFileSync(join(folder, name), "utf8"))]))));

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.Temporal;
import java.util.ArrayList;
import java.util.List;
import net.fortuna.ical4j.data.CalendarBuilder;
import net.fortuna.ical4j.data.CalendarOutputter;
import net.fortuna.ical4j.model.Calendar;
import net.fortuna.ical4j.model.Property;
import net.fortuna.ical4j.model.component.VEvent;
import net.fortuna.ical4j.model.parameter.PartStat;
import net.fortuna.ical4j.model.property.Attendee;
import net.fortuna.ical4j.model.property.DtEnd;
import net.fortuna.ical4j.model.property.DtStart;
import net.fortuna.ical4j.model.property.Uid;
import net.fortuna.ical4j.transform.itip.CounterTransformer;
import net.fortuna.ical4j.transform.itip.ReplyTransformer;
import net.fortuna.ical4j.validate.ITIPValidator;
import net.fortuna.ical4j.validate.ValidationException;
import net.fortuna.ical4j.validate.ValidationResult;

/**
 * Reads every *.ics of a folder with ical4j. Prints a line for each: name, instants of start and end, wall clock of the start, and what its
 * validation finds wrong. Answers every REQUEST as an invited person's calendar would, in files beside it.
 */
class Judge {
    public static void main(String[] args) throws Exception {
        List<Path> objects = new ArrayList<>();
        try (var found = Files.newDirectoryStream(Path.of(args[0]), "*.ics")) {
            found.forEach(objects::add);
        }
        for (Path object : objects) {
            Calendar calendar = read(object);
            VEvent event = event(calendar);
            Temporal start = event.<Temporal>getDateTimeStart().getDate();
            Temporal end = event.<Temporal>getDateTimeEnd().getDate();
            System.out.println(String.join("\t", name(object), seconds(start), seconds(end), wall(start), faults(calendar)));
            if (calendar.getMethod().getValue().equals("REQUEST")) {
                answer(object, start, end);
            }
        }
    }

    static void answer(Path object, Temporal start, Temporal end) throws Exception {
        for (PartStat partstat : List.of(PartStat.ACCEPTED, PartStat.DECLINED, PartStat.TENTATIVE)) {
            Calendar request = says(read(object), partstat);
            write(object, "." + partstat.getValue(), new ReplyTransformer(() -> uid(request)).apply(request));
        }
        Calendar request = says(read(object), PartStat.TENTATIVE);
        Calendar counter = new CounterTransformer(() -> uid(request)).apply(request);
        VEvent event = event(counter);
        event.replace(new DtStart<>(later(start)));
        event.replace(new DtEnd<>(later(end)));
        write(object, ".COUNTER", counter);
    }

    /** Two hours later, in the zone that people here have and not in the one that ical4j made of the object's. */
    static ZonedDateTime later(Temporal time) {
        return Instant.from(time).plus(Duration.ofHours(2)).atZone(ZoneId.of("Europe/London"));
    }

    static Calendar says(Calendar request, PartStat partstat) {
        Attendee attendee = event(request).<Attendee>getRequiredProperty(Property.ATTENDEE);
        attendee.replace(partstat);
        return request;
    }

    static Calendar read(Path object) throws Exception {
        try (InputStream in = Files.newInputStream(object)) {
            return new CalendarBuilder().build(in);
        }
    }

    static void write(Path object, String suffix, Calendar calendar) throws IOException {
        var out = new ByteArrayOutputStream();
        new CalendarOutputter(false).output(calendar, out);
        Files.write(object.resolveSibling(name(object) + suffix), out.toByteArray());
    }

    static VEvent event(Calendar calendar) {
        return calendar.<VEvent>getComponents("VEVENT").get(0);
    }

    static Uid uid(Calendar calendar) {
        return event(calendar).<Uid>getRequiredProperty(Property.UID);
    }

    static String name(Path object) {
        return object.getFileName().toString();
    }

    static String seconds(Temporal time) {
        return String.valueOf(Instant.from(time).getEpochSecond());
    }

    static String wall(Temporal time) {
        return time instanceof ZonedDateTime zoned ? DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(zoned) : time.toString();
    }

    static String faults(Calendar calendar) {
        try {
            ValidationResult result = calendar.validate(true).merge(new ITIPValidator().validate(calendar));
            return result.hasErrors() ? result.toString() : "";
        } catch (ValidationException invalid) {
            return invalid.getMessage();
        }
    }
}

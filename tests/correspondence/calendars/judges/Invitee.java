import jakarta.mail.Message;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.Temporal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import net.fortuna.ical4j.data.CalendarBuilder;
import net.fortuna.ical4j.data.CalendarOutputter;
import net.fortuna.ical4j.model.Calendar;
import net.fortuna.ical4j.model.ComponentSequenceComparator;
import net.fortuna.ical4j.model.Property;
import net.fortuna.ical4j.model.component.VEvent;
import net.fortuna.ical4j.model.parameter.PartStat;
import net.fortuna.ical4j.model.property.Attendee;
import net.fortuna.ical4j.model.property.Comment;
import net.fortuna.ical4j.model.property.DtEnd;
import net.fortuna.ical4j.model.property.DtStart;
import net.fortuna.ical4j.model.property.Organizer;
import net.fortuna.ical4j.model.property.Uid;
import net.fortuna.ical4j.transform.itip.CounterTransformer;
import net.fortuna.ical4j.transform.itip.ReplyTransformer;
import net.fortuna.ical4j.validate.ITIPValidator;

/**
 * The mail and calendar program of one invited person: reads the mails in a folder with Angus Mail, keeps a calendar of what ical4j makes of
 * them, and answers by SMTP. It takes one command a line on standard input, and answers each with one line.
 *
 * <p>ical4j writes iTIP and validates it, and compares revisions; it has no calendar to which it applies what comes. That is here, by RFC 5546
 * 3.2.2 and 3.2.5: an object of the same UID replaces the one that is there where ical4j says that it is later, and CANCEL takes it off.
 */
class Invitee {
    static final DateTimeFormatter WALL = DateTimeFormatter.ISO_LOCAL_DATE_TIME;

    final String address;
    final Session session;
    final Map<String, Calendar> calendar = new LinkedHashMap<>();

    Invitee(String address, String host, String port) {
        this.address = address;
        var properties = new Properties();
        properties.put("mail.smtp.host", host);
        properties.put("mail.smtp.port", port);
        // As the mail server of this person's agency says hello, and whom it names for what cannot be delivered.
        properties.put("mail.smtp.localhost", "mail." + address.substring(address.indexOf('@') + 1));
        properties.put("mail.smtp.from", address);
        this.session = Session.getInstance(properties);
    }

    public static void main(String[] args) throws Exception {
        var invitee = new Invitee(args[0], args[1], args[2]);
        var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            System.out.println(invitee.does(line.split("\t")));
        }
    }

    String does(String[] words) throws Exception {
        return switch (words[0]) {
            case "read" -> read(Path.of(words[1]));
            case "shows" -> shows();
            case "answers" -> answers(words[1], words.length > 2 ? words[2] : null);
            case "proposes" -> proposes(Duration.parse(words[1]));
            default -> throw new IllegalArgumentException(words[0]);
        };
    }

    /** What became of the mail's object: "kept", "cleared", "older" or "none"; and after it what validation finds wrong. */
    String read(Path file) throws Exception {
        MimeMessage mail;
        try (InputStream in = Files.newInputStream(file)) {
            mail = new MimeMessage(session, in);
        }
        String text = object(mail);
        if (text == null) {
            return "none\t";
        }
        Calendar came = new CalendarBuilder().build(new StringReader(text));
        var found = came.validate(true).merge(new ITIPValidator().validate(came));
        return apply(came) + "\t" + (found.hasErrors() ? found.toString().replaceAll("\\s+", " ") : "");
    }

    String apply(Calendar came) {
        String uid = event(came).<Uid>getRequiredProperty(Property.UID).getValue();
        Calendar there = calendar.get(uid);
        if (there != null && new ComponentSequenceComparator().compare(event(came), event(there)) < 0) {
            return "older";
        }
        calendar.put(uid, came);
        return cancelled(came) ? "cleared" : "kept";
    }

    /** The events that a person sees: revision, wall clock of start and end, and what it is called. */
    String shows() {
        List<String> shown = new ArrayList<>();
        for (Calendar each : calendar.values()) {
            VEvent event = event(each);
            if (!cancelled(each)) {
                String start = wall(event.<Temporal>getDateTimeStart().getDate()), end = wall(event.<Temporal>getDateTimeEnd().getDate());
                String summary = event.getRequiredProperty(Property.SUMMARY).getValue();
                shown.add(String.join("|", event.getRequiredProperty(Property.SEQUENCE).getValue(), start, end, summary));
            }
        }
        return String.join("\t", shown);
    }

    String answers(String partstat, String comment) throws Exception {
        Calendar request = says(new PartStat(partstat));
        if (comment != null) {
            event(request).add(new Comment(comment));
        }
        return send("REPLY", new ReplyTransformer(() -> uid(request)).apply(request));
    }

    String proposes(Duration later) throws Exception {
        Calendar request = says(PartStat.TENTATIVE);
        Calendar counter = new CounterTransformer(() -> uid(request)).apply(request);
        VEvent event = event(counter);
        Temporal start = event.<Temporal>getDateTimeStart().getDate(), end = event.<Temporal>getDateTimeEnd().getDate();
        event.replace(new DtStart<>(here(start).plus(later)));
        event.replace(new DtEnd<>(here(end).plus(later)));
        return send("COUNTER", counter);
    }

    /** A copy of the one object in the calendar, in which this person says so. */
    Calendar says(PartStat partstat) throws Exception {
        if (calendar.size() != 1) {
            throw new IllegalStateException(calendar.size() + " objects in the calendar");
        }
        Calendar copy = calendar.values().iterator().next().copy();
        event(copy).<Attendee>getRequiredProperty(Property.ATTENDEE).replace(partstat);
        return copy;
    }

    /** Words, and the object beside them, as calendar programs send it (RFC 6047). */
    String send(String method, Calendar answer) throws Exception {
        var text = new StringWriter();
        new CalendarOutputter(false).output(answer, text);
        var words = new MimeBodyPart();
        words.setText("Dyma fy ateb. / This is my answer.", "utf-8");
        var object = new MimeBodyPart();
        object.setContent(text.toString(), "text/calendar; charset=utf-8; method=" + method);
        object.setHeader("Content-Type", "text/calendar; charset=utf-8; method=" + method);
        var mail = new MimeMessage(session);
        mail.setFrom(new InternetAddress(address, "Gwahoddedig Enghraifft", "utf-8"));
        String organizer = event(answer).<Organizer>getRequiredProperty(Property.ORGANIZER).getCalAddress().getSchemeSpecificPart();
        mail.setRecipient(Message.RecipientType.TO, new InternetAddress(organizer));
        mail.setSubject("Ateb / Answer", "utf-8");
        mail.setContent(new MimeMultipart("alternative", words, object));
        Transport.send(mail);
        return "sent";
    }

    static String object(Part part) throws Exception {
        if (part.isMimeType("text/calendar")) {
            try (InputStream in = part.getInputStream()) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
        if (part.isMimeType("multipart/*")) {
            Multipart parts = (Multipart) part.getContent();
            for (int each = 0; each < parts.getCount(); each++) {
                String found = object(parts.getBodyPart(each));
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    static boolean cancelled(Calendar object) {
        return object.getMethod().getValue().equals("CANCEL");
    }

    static VEvent event(Calendar object) {
        return object.<VEvent>getComponents("VEVENT").get(0);
    }

    static Uid uid(Calendar object) {
        return event(object).getRequiredProperty(Property.UID);
    }

    /** As the object's own zone has it. */
    static String wall(Temporal time) {
        return time instanceof ZonedDateTime zoned ? WALL.format(zoned) : time.toString();
    }

    static ZonedDateTime here(Temporal time) {
        return Instant.from(time).atZone(ZoneId.of("Europe/London"));
    }
}

"""Runs a play: turn by turn through the one door, virtual time in between, what is seen compared with what is expected."""

import asyncio
import datetime as dt
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from temporalio.client import Client

from activities.changes import Proposal
from changing import Amend, Changing
from commands import CommandRefused, Door, NotTaken
from console.audit_report import sentence
from console.audit_verify import Verifying
from correspondence.sender import Sender
from procedures.working_days import Calendar
from record import digests, letters, timeline
from record.keys import KeyRing
from record.letters import SeenLetter
from record.pool import Pool, transaction
from record.versions import Kind
from rehearsal.acts import command_of
from rehearsal.amending import amended_by, set_to
from rehearsal.cast import Cast, opaque
from rehearsal.expectations import Refusal, Seen, differences, unexpected
from rehearsal.meeting_expectations import meeting_differences
from rehearsal.meeting_runs import Gatherings
from rehearsal.programs import Post, Programs, programs
from rehearsal.reading import Play, Turn
from rehearsal.result import Difference, Result
from rehearsal.script import Act, Expect
from rehearsal.stage import Stage
from schemas.checkpoints import CheckpointRequest
from schemas.clocks import ClockState
from schemas.commands import Command
from schemas.commands.conferences import Held
from schemas.engine import JOURNEYS, DigestRequest
from schemas.state import JourneyState
from schemas.timeline import SERVICE, RecordedEntry
from workflows.checkpoint import Checkpoint

Progress = Callable[[Turn], None]


@dataclass
class Runner:
    """One run of one play. Its worker runs beside it as a process; its letters are sent whenever all journeys have settled."""

    play: Play
    cast: Cast
    client: Client
    pool: Pool
    """As the door's role."""
    mornings: Pool
    """As the journey's role, as which the worker writes digests."""
    keys: KeyRing
    sender: Sender
    post: Post
    progress: Progress
    _door: Door = field(init=False)
    _stage: Stage = field(init=False)
    _gatherings: Gatherings = field(init=False)
    _refusals: list[Refusal] = field(default_factory=lambda: [])
    _differences: list[Difference] = field(default_factory=lambda: [])
    _seen: dict[str, int] = field(default_factory=lambda: {})
    """By child: how many entries were there after its last turn."""
    _letters_seen: dict[str, set[str]] = field(default_factory=lambda: {})
    """By child: the causes of the letters that were there after its last turn."""

    def __post_init__(self) -> None:
        self._stage = Stage(self.client, self.play.turns[0].when, backstage=self, calendar=Calendar(version=0))
        self._door = Door(self.client, self.pool, self.cast.authority, self.keys, now=self._stage.clock)
        self._gatherings = Gatherings(self.cast, self.client, self.pool, self.keys, self._door, self._stage, self.programs())

    def programs(self) -> Programs:
        """Those of the people whom this run writes to."""
        return programs(self.client, self.post, self.sender, self.keys, self._stage)

    async def run(self) -> Result:
        """All turns, then what is asked of every child at the end.

        Raises:
            Stuck: the worker stands still.
        """
        began = time.monotonic()
        for turn in self.play.turns:
            await self._stage.move_to(turn.when, self._door)
            await self._change(turn)
            await self._act(turn)
            await self.settle()
            await self._compare(turn)
            self.progress(turn)
        timelines = {key: await self._entries(key) for key in self.play.script.children}
        for key, entries in timelines.items():
            self._check_end(key, entries)
        await self._check_whole()
        return Result(
            play=self.play,
            cast=self.cast,
            timelines=timelines,
            meetings=await self._gatherings.logs(),
            letters=await self._letters(self.play.script.children),
            refusals=self._refusals,
            differences=self._differences,
            wakes=self._stage.wakes,
            seconds=time.monotonic() - began,
        )

    async def seal(self, at: dt.datetime) -> None:
        """A checkpoint over all chains as they stand at that instant, the run's last."""
        request = CheckpointRequest(authority=self.cast.authority, as_of=at)
        await self.client.execute_workflow(Checkpoint.run, request, id=f"checkpoint:{self.cast.authority}", task_queue=JOURNEYS)

    async def close(self) -> None:
        """End the run's journeys in the engine, so that no later run's worker gets them."""
        await asyncio.gather(
            *(each.handle.terminate("the rehearsal is over") for each in (*self._stage.journeys.values(), *self._stage.meetings.values()))
        )

    # A turn's changes of what all journeys share, and its commands.

    async def _change(self, turn: Turn) -> None:
        """Previewed, put in force, told to every journey; what then moved is what the preview said."""
        changing = Changing(self.pool, self.cast.authority)
        if turn.holidays is not None:
            amend = amended_by(turn.holidays)
            await self._put_in_force(turn, changing, "calendar", amend, await changing.calendar(amend))
        if turn.settings:
            amend = set_to(turn.settings)
            await self._put_in_force(turn, changing, "settings", amend, await changing.settings(amend))

    async def _put_in_force(self, turn: Turn, changing: Changing, kind: Kind, amend: Amend, proposal: Proposal) -> None:
        previewed = {(each.child, each.instance, each.due) async for page in changing.preview(proposal) for each in page.affected}
        await asyncio.gather(*(self._stage.bring(child) for child in self._stage.journeys))
        seen = {child: running.sight.state.seq for child, running in self._stage.journeys.items()}
        await changing.put_in_force(kind, amend, SERVICE)
        await (await changing.sweep(self.client, pause=dt.timedelta())).result()
        self._stage.calendar = proposal.calendar
        for child, before in seen.items():
            await self._stage.watch(self._door, child)
            async with transaction(self.pool, self.cast.authority) as connection:
                entries = await timeline.read(connection, child, self.keys, after_seq=before)
            moved = {
                (child, each.content["instance"], dt.datetime.fromisoformat(each.content["due"]))
                for each in entries
                if each.kind == "clock" and each.content["state"] in {ClockState.due_moved, ClockState.replanned}
            }
            if moved != {each for each in previewed if each[0] == child}:
                self._differences.append(Difference(turn, self.cast.keys[child], "what moved is not what the preview showed"))

    # A turn's commands.

    async def _act(self, turn: Turn) -> None:
        await asyncio.gather(*(self._stage.bring(self.cast.child(child)) for child in turn.children))
        if turn.meeting is not None:
            await self._act_in_meeting(turn)
        for act in () if turn.meeting is not None else turn.acts:
            said = {child: self._command(act, child, turn) for child in turn.children}
            if len(said) > 1 and all(isinstance(command, Held) for command in said.values()):
                await self._hold(said, turn)
            else:
                await asyncio.gather(*(self._submit(child, command, turn) for child, command in said.items()))
        await asyncio.gather(*(self._stage.watch(self._door, self.cast.child(child)) for child in turn.children))

    async def _act_in_meeting(self, turn: Turn) -> None:
        try:
            refused = await self._gatherings.act(turn)
        except NotTaken as error:
            self._differences.append(Difference(turn, "", f"the meeting {turn.meeting} did not take it: {error}"))
            return
        for each in refused:
            for child in turn.children if each.child is None else (each.child,):
                self._refusals.append(Refusal(child, turn, each.command, each.code, each.sentence, self._stage.now))

    def _command(self, act: Act, child: str, turn: Turn) -> Command:
        meant = self._with_instance(act, child) if act.command == "acknowledged" else act
        return command_of(meant, child, turn.by or "", turn.at, self.cast.id_of)

    def _with_instance(self, act: Act, child: str) -> Act:
        """The running instance of a timescale that a script names without its number."""
        clock, state = str(act.fields_for(child).get("instance", "")), self._state(child)
        running = [each.instance for each in state.clocks.values() if each.clock == clock] if state is not None else []
        return act.model_copy(update={"fields": {**act.fields, "instance": running[-1]}, "each": {}}) if running else act

    async def _submit(self, child: str, command: Command, turn: Turn) -> None:
        try:
            await self._door.submit(self.cast.child(child), command, opaque())
        except CommandRefused as refused:
            self._refused(child, command, turn, refused.code, refused.sentence("en"))
        except NotTaken as error:
            self._differences.append(Difference(turn, child, f"{command.name} was not taken: {error}"))

    async def _hold(self, said: dict[str, Command], turn: Turn) -> None:
        """A conference of several children: one meeting, a decision for each."""
        ids = {self.cast.child(child): child for child in said}
        try:
            outcome = await self._door.hold_meeting(opaque(), {id: said[child] for id, child in ids.items()})
        except NotTaken as error:
            self._differences.extend(Difference(turn, child, f"the conference was not taken: {error}") for child in said)
            return
        for id, refusal in outcome.refused.items():
            self._refused(ids[id], said[ids[id]], turn, refusal.code, refusal.sentences["en"])

    def _refused(self, child: str, command: Command, turn: Turn, code: str, sentence: str) -> None:
        self._refusals.append(Refusal(child, turn, command.name, code, sentence, self._stage.now))

    # What the stage asks for.

    async def settle(self) -> None:
        """All letters that wait go now: between two instants nothing else is ordered, so siblings' orders have come together."""
        await self.sender.send_all(asyncio.Event())

    async def morning(self, as_of: dt.datetime) -> None:
        """The digest of that morning, where there is something to say."""
        async with transaction(self.mornings, self.cast.authority) as connection:
            if not await digests.waiting(connection, as_of):
                return
        request = DigestRequest(authority=self.cast.authority, as_of=as_of)
        workflow = f"digest:{self.cast.authority}:{as_of:%Y-%m-%d}"
        await self.client.execute_workflow("Digest", request, id=workflow, task_queue=JOURNEYS, result_type=int)

    async def is_recorded(self, child: str, after: int) -> bool:
        """Whether the child's timeline has an entry after that one."""
        async with transaction(self.pool, self.cast.authority) as connection:
            return bool(await timeline.read(connection, child, self.keys, after_seq=after))

    # What is seen, and what was expected.

    async def _compare(self, turn: Turn) -> None:
        for child in dict.fromkeys((*turn.children, *turn.expect.each)):
            expect = turn.expect.of(child)
            seen = await self._see(child, turn)
            self._differences.extend(Difference(turn, child, says) for says in differences(expect, seen, self.cast))

        if turn.expect.meeting is not None and turn.meeting is not None:
            seen_meeting = await self._gatherings.see(turn.meeting)
            says = meeting_differences(turn.expect.meeting, seen_meeting, self.cast)
            self._differences.extend(Difference(turn, "", f"of the meeting {turn.meeting}, {each}") for each in says)

    async def _see(self, child: str, turn: Turn) -> Seen:
        """What is new of the child since its turn before, and how it stands."""
        entries = await self._entries(child, self._seen.get(child, 0))
        before = self._letters_seen.setdefault(child, set())
        sent = [each for each in await self._letters([child]) if each.cause not in before]
        before.update(each.cause for each in sent)
        if entries:
            self._seen[child] = entries[-1].seq
        refusals = [each for each in self._refusals if each.child == child and each.turn is turn]
        return Seen(self._state(child), entries, sent, refusals)

    def _state(self, child: str) -> JourneyState | None:
        running = self._stage.journeys.get(self.cast.child(child))
        return None if running is None else running.sight.state

    async def _entries(self, child: str, after: int = 0) -> list[RecordedEntry]:
        async with transaction(self.pool, self.cast.authority) as connection:
            return await timeline.read(connection, self.cast.child(child), self.keys, after_seq=after)

    async def _letters(self, children: Iterable[str]) -> list[SeenLetter]:
        async with transaction(self.pool, self.cast.authority) as connection:
            return await letters.seen(connection, [self.cast.child(child) for child in children])

    def _check_end(self, child: str, entries: Sequence[RecordedEntry]) -> None:
        """What no script has to say: nothing unexpected went overdue at the end."""
        late = [entry for entry in entries if entry.seq > self._seen.get(child, 0)]
        self._differences.extend(Difference(None, child, each) for each in unexpected(late, Expect(), self.cast))

    async def _check_whole(self) -> None:
        """Nor that everything is as `siwrnai audit verify` would have it: chains, states, letters, and the engine's own history."""
        verifying = Verifying(self.pool, self.cast.authority, self.keys, self.client, SERVICE, "rehearsal")
        await verifying.of_all()
        for each in (await verifying.against_checkpoints()).findings:
            self._differences.append(Difference(None, self.cast.key(each.child) or "", sentence(each).rstrip(".")))

"""A taskset for verifiers' `vf-eval`: one quickstart problem, judged by trialbox."""

import verifiers.v1 as vf

import trialbox.verifiers

INFO = {"dataset": "quickstart", "task_id": "quickstart/fraction_ledger"}


class LedgerData(vf.TaskData):
    info: dict


class LedgerTask(vf.Task[LedgerData]):
    @vf.reward(weight=1.0)
    async def right(self, trace: vf.Trace) -> float:
        said = trace.last_message.content
        text = said if isinstance(said, str) else "".join(part.text for part in said)
        return await trialbox.verifiers.reward_of_text(text, None, self.data.info)


class LedgerConfig(vf.TasksetConfig):
    pass


class LedgerTaskset(vf.Taskset[LedgerTask, LedgerConfig]):
    def load(self):
        words = ("right", "wrong", "none")
        return [LedgerTask(LedgerData(prompt=f"Add up the ledger: {word}.", info=INFO), self.config.task) for word in words]


__all__ = ["LedgerTaskset"]

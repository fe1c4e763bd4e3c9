// The page: its screens, the course of the test, and the results.

const test = JSON.parse(document.getElementById("test").textContent);
const session = new Session(test);
const get = (id) => document.getElementById(id);
const [play, seek, from, to] = ["play", "seek", "from", "to"].map(get);
let player = null;
let clips = null;

function show(id) {
  for (const screen of ["intro", "trial", "end"]) get(screen).hidden = screen !== id;
  scrollTo(0, 0);
}

function showIntro() {
  const count = test.trials.length;
  const kept = session.started ? ` You have finished ${session.rated.length} of them.` : "";
  get("length").textContent = `Thank you for listening. There are ${count} trials and one for practice.${kept}`;
  get("start").textContent = session.started ? "Continue" : "Start";
  show("intro");
}

async function showTrial() {
  if (session.done) return showEnd();
  const { trial } = session;
  const question = test.questions[trial.question];
  session.open();
  ready = false;
  get("progress").textContent = progress(trial);
  get("question").textContent = question.title;
  get("explanation").textContent = `${question.explanation}${trial.hidden ? ` ${question.hidden}` : ""}`;
  get("next").textContent = trial.practice ? "Start the test" : "Next";
  buildReferences(trial, question);
  buildRows(trial);
  say("Loading the sounds…");
  show("trial");
  get("question").focus();
  try {
    player.load(await clips.load(trial, session.state.trials[session.state.at + 1]));
  } catch (error) {
    return fail(`${error.message}: check the connection and reload the page. Your answers are kept.`);
  }
  for (const input of [seek, from, to]) input.max = player.duration;
  ready = true;
  say("");
  choose(references[0].name, false);
}

function progress(trial) {
  if (trial.practice) return "Practice: these answers do not count.";
  return `Trial ${session.state.at} of ${session.state.trials.length - 1}.`;
}

function showEnd() {
  player?.pause();
  const [rated, all] = [session.rated.length, test.trials.length];
  get("summary").textContent =
    `${rated} of ${all} trials are rated. Save the results as a file, or copy them, and send them to whoever asked you.`;
  get("resume").hidden = session.done;
  get("text").value = session.results();
  get("saved").textContent = "";
  show("end");
  get("thanks").focus();
}

function fail(text) {
  get("problem").textContent = text;
  get("problem").hidden = !text;
}

function say(text) {
  get("message").textContent = text;
}

function next() {
  if (!ready) return;
  const { heard, rated } = session.missing;
  const parts = [];
  if (heard.length) parts.push(`listen to ${heard.join(", ")}`);
  if (rated.length) parts.push(`rate ${rated.join(", ")}`);
  if (parts.length) return say(`Before you go on, ${parts.join(" and ")}.`);
  player.pause();
  session.next();
  showTrial();
}

play.addEventListener("click", toggle);
seek.addEventListener("input", () => { player.seek(Number(seek.value)); refresh(); });
from.addEventListener("input", () => setLoop(Number(from.value), player.loop.to));
to.addEventListener("input", () => setLoop(player.loop.from, Number(to.value)));
get("all").addEventListener("click", () => setLoop(0, player.duration));
get("next").addEventListener("click", next);
get("stop").addEventListener("click", showEnd);
get("resume").addEventListener("click", begin);
get("start").addEventListener("click", begin);

function begin() {
  if (!session.started) session.start();
  if (!session.kept) fail("This browser does not keep your progress: do not close the page before you have saved.");
  player ??= new Player(new AudioContext({ sampleRate: test.sampleRate }));
  clips ??= new Clips(player.context);
  showTrial();
}

// Results.

get("download").addEventListener("click", () => {
  const url = URL.createObjectURL(new Blob([get("text").value], { type: "application/json" }));
  const link = element("a", "");
  Object.assign(link, { href: url, download: `listening-${test.test}-${session.state.participant}.json` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
  get("saved").textContent = `Saved as ${link.download}.`;
});

get("copy").addEventListener("click", async () => {
  get("text").select();
  try {
    await navigator.clipboard.writeText(get("text").value);
    get("saved").textContent = "Copied.";
  } catch {
    get("saved").textContent = "The text below is selected: copy it with your keyboard or its menu.";
  }
});

get("again").addEventListener("click", () => {
  if (!confirm("Results that are not saved are lost. Start again?")) return;
  session.forget();
  showIntro();
});

get("regions").replaceChildren(...test.regions.map((region) => element("span", "", region)));
if (session.started && session.done) showEnd();
else showIntro();

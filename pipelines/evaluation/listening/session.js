"use strict";

// Session of one participant: random orders, ratings, progress that a closed tab keeps, and results.

const FORMAT = "coverband-listening-results";

class Session {
  constructor(test) {
    this.test = test;
    this.storage = `coverband-listening-${test.test}`;
    this.kept = true; // false if the browser does not keep the progress
    this.state = this.#load();
  }

  get started() {
    return this.state !== null;
  }

  get trial() {
    return this.state.trials[this.state.at];
  }

  get done() {
    return this.state.at >= this.state.trials.length;
  }

  get rated() {
    return this.state.trials.filter((trial) => trial.finished && !trial.practice);
  }

  // One block of trials for each question, in random order; the first trial is preceded by itself as practice.
  start() {
    const { test } = this;
    const blocks = shuffle(Object.keys(test.questions)).map((question) =>
      shuffle(test.trials.filter((trial) => trial.question === question)),
    );
    const trials = blocks.flat();
    this.state = {
      participant: randomHex(8),
      started: now(),
      finished: null,
      at: 0,
      trials: [trials[0], ...trials].map((trial, index) => ({
        trial: trial.name,
        question: trial.question,
        practice: index === 0,
        order: shuffle(trial.sounds),
        references: trial.references,
        hidden: trial.hidden,
        ratings: {},
        heard: [],
        started: null,
        finished: null,
      })),
    };
    this.save();
  }

  open() {
    this.trial.started ??= now();
    this.save();
  }

  hear(sound) {
    if (this.trial.heard.includes(sound)) return;
    this.trial.heard.push(sound);
    this.save();
  }

  rate(sound, value) {
    this.trial.ratings[sound] = value;
    this.save();
  }

  // Numbers of the sounds of the current trial, from 1, that are not heard or not rated yet.
  get missing() {
    const { order, heard, ratings } = this.trial;
    const numbers = (lacks) => order.flatMap((sound, index) => (lacks(sound) ? [index + 1] : []));
    return { heard: numbers((sound) => !heard.includes(sound)), rated: numbers((sound) => !(sound in ratings)) };
  }

  next() {
    this.trial.finished = now();
    this.state.at += 1;
    if (this.done) this.state.finished = now();
    this.save();
  }

  results() {
    const { participant, started, finished, trials } = this.state;
    const exported = trials
      .filter((trial) => trial.finished)
      .map(({ trial, question, practice, order, ratings, started, finished }) => {
        return { trial, question, practice, order, ratings, started, finished };
      });
    const head = { format: FORMAT, version: 1, test: this.test.test, participant };
    return JSON.stringify({ ...head, started, finished, saved: now(), trials: exported }, null, 1);
  }

  forget() {
    this.state = null;
    try {
      localStorage.removeItem(this.storage);
    } catch {
      this.kept = false;
    }
  }

  save() {
    try {
      localStorage.setItem(this.storage, JSON.stringify(this.state));
    } catch {
      this.kept = false; // forbidden or full
    }
  }

  #load() {
    try {
      const state = JSON.parse(localStorage.getItem(this.storage));
      return Array.isArray(state?.trials) ? state : null;
    } catch {
      return null;
    }
  }
}

function now() {
  return new Date().toISOString();
}

function randomHex(bytes) {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Fisher and Yates' shuffle of a copy.
function shuffle(values) {
  const shuffled = [...values];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = crypto.getRandomValues(new Uint32Array(1))[0] % (last + 1);
    [shuffled[last], shuffled[other]] = [shuffled[other], shuffled[last]];
  }
  return shuffled;
}

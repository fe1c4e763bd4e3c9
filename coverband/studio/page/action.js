// Actions of the user, and the sentence of one that is refused.

const problem = document.getElementById("problem");
let update = async () => {};

// Sets what is updated after an action.
export function onAction(updateView) {
  update = updateView;
}

export function showError(error) {
  const words = error instanceof Error ? error.message : error ?? "";
  if (problem.textContent !== words) problem.textContent = words;
  problem.hidden = !words;
}

// Runs an action of the user; a refusal is shown as its sentence.
export async function attempt(action) {
  showError("");
  try {
    await action();
    await update();
  } catch (error) {
    showError(error);
  }
}

// A button appears beside each command where the browser lets a page write to the clipboard.
for (const command of navigator.clipboard ? document.querySelectorAll(".command") : []) {
  const button = command.querySelector("button");
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(command.querySelector("code").textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
}

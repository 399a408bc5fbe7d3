// The page of `buqi serve`: one address as it is typed, base and adapter side by side, whole files as jobs.
"use strict";

const LANGUAGES = ["zh", "en"];
const LEVELS = ["province", "city", "county", "town", "village"];
const UNENDED = ["queued", "running", "paused"]; // statuses of jobs that may still change
const JOBS_SHOWN = 20;
const TYPING_PAUSE = 280; // milliseconds without a key until an address is asked

const WORDS = { // in each of LANGUAGES
  lead: [
    "补齐不完整的中文地址：省、市、县区、乡镇街道、村社区",
    "Completes Chinese addresses: province, city, county, town, village",
  ],
  one: ["地址", "Address"],
  each: ["每行一个地址", "each line is an address"],
  name: ["收件人", "name"],
  phone: ["电话", "telephone"],
  postcode: ["邮编", "postcode"],
  label: ["地址", "Address"],
  two: ["微调前后对比", "Before and after tuning"],
  three: ["整个文件", "A whole file"],
  copy: ["复制", "Copy"],
  others: ["也可能是", "It may also be"],
  adapter: ["适配器", "Adapter"],
  ask: ["比较", "Compare"],
  base: ["原模型", "Base"],
  drop: [
    "把文件拖到这里，或选择文件（CSV、Excel、Parquet、JSONL）",
    "Drop a file here, or choose one (CSV, Excel, Parquet, JSONL)",
  ],
  file: ["文件", "File"],
  column: ["地址列", "Address column"],
  sheet: ["工作表", "Sheet"],
  columnhint: ["自动识别", "found by itself"],
  several: ["如 省,市,区,地址", "e.g. 省,市,区,地址"],
  hint: [
    "省、市、区、地址分列时，把列名用逗号连写：省,市,区,地址。不填则自动识别。",
    "If the levels stand in columns of their own, name them with commas: 省,市,区,地址. Without a name they are found.",
  ],
  fill: ["只填空单元格", "fill empty cells only"],
  keycolumn: ["编号列（用于待核对）", "key column (for rows to look at)"],
  none_given: ["可不填", "optional"],
  send: ["开始补齐", "Complete"],
  apart: ["姓名、电话、邮编单列", "name, telephone and postcode in columns"],
  key: ["需要密钥的服务", "Service with keys"],
  nokey: ["此服务需要有效的密钥，请在下方填写 API key", "This service needs a valid key; enter it below (API key)"],
  api: ["接口文档", "API description"],
  levels: [["省", "市", "县区", "乡镇街道", "村社区"], ["province", "city", "county", "town", "village"]],
  none: ["未知", "not known"],
  sure: ["置信度", "confidence"],
  complete: ["已补齐到乡镇", "completed to the town"],
  partial: ["已补齐", "completed"],
  ambiguous: ["无法确定", "cannot tell"],
  unknown: ["未识别", "not recognised"],
  cannot: ["无法确定，未作猜测", "Cannot tell; nothing was guessed"],
  copied: ["已复制", "Copied"],
  hold: ["例如 碑林区扬子江南路467-6号", "e.g. 碑林区扬子江南路467-6号"],
  queued: ["排队中", "queued"],
  running: ["进行中", "running"],
  paused: ["磁盘已满，等待中", "waiting: the disk is full"],
  done: ["完成", "done"],
  failed: ["失败", "failed"],
  cancelled: ["已取消", "cancelled"],
  rows: ["行", "rows"],
  result: ["下载结果", "Download result"],
  review: ["下载待核对", "Download rows to look at"],
  remove: ["删除", "Delete"],
  curve: ["训练曲线", "Training curve"],
  report: ["评估报告", "Evaluation report"],
  wait: ["正在生成…", "writing…"],
  chosen: ["已按您的选择", "as you chose"],
};

const MISTAKES = {
  "same sound": "同音",
  "near sound": "近音",
  "similar character": "形近字",
  "a character doubled": "重字",
  "characters swapped": "字序颠倒",
  "a character missing": "缺字",
  "a character too many": "多字",
};
const NOTES = [ // what answers and jobs note, in Chinese
  [/^(.+): read as (.+) \((.+)\)$/, (_, name, read, kind) => `${name}：按 ${read} 理解（${MISTAKES[kind] || "别字"}）`],
  [/^(.+): today (.+)$/, "$1：现为 $2"],
  [/^(.+): (.+) lies in (.+) today$/, "$1：$2 现属 $3"],
  [/^(.+): a zone in (.+)$/, "$1：位于 $2 的园区"],
  [/^(.+): contradicts the other names$/, "$1：与其他地名矛盾"],
  [/^another address follows: (.+)$/, "后面还有一个地址：$1"],
  [/^an older address stands before: (.+)$/, "前面有一个旧地址：$1"],
  [/^(\S+) (.+): contradicts (.+)$/, "$1 $2：与 $3 矛盾"],
  [/^read as (.+)$/, "编码 $1"],
  [/^columns divided by (.+)$/, "分隔符 $1"],
  [/^addresses in column (.+)$/, "地址列 $1"],
  [/^row (\d+) names the columns$/, "第 $1 行为列名"],
  [/^sheet (.+) is read, not (.+)$/, "读取工作表 $1，未读取 $2"],
  [/^no place is likely enough$/, "没有足够可能的地点"],
  [/^no division was recognised$/, "未识别出行政区划"],
  [/^(\d+) places fit equally well$/, "$1 个地点同样可能"],
];

let language, words; // set by speak
let shown = null; // the completion on the page
let turn = 0; // counts what was asked of one address: only the answer to the last question is shown
let typing = 0; // timer
const followed = new Set(); // ids of jobs whose events are read

const $ = id => document.getElementById(id);

function make(tag, text, cls) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (cls) element.className = cls;
  return element;
}

function button(text, action, cls) {
  const made = make("button", text, cls);
  made.type = "button";
  made.onclick = () => action().catch(complain);
  return made;
}

function complain(error) {
  $("problem").textContent = error.message;
}

async function call(path, options = {}) {
  const headers = { ...options.headers };
  const key = $("key").value.trim();
  if (key) headers.Authorization = "Bearer " + key;
  const reply = await fetch(path, { ...options, headers });
  if (reply.status === 401) {
    $("key").closest("details").open = true;
    throw new Error(words.nokey);
  }
  if (!reply.ok) {
    const body = await reply.json().catch(() => null); // what a proxy answers may be no JSON
    throw new Error(body?.error?.message || String(reply.status));
  }
  return reply;
}

async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  return (await call(path, { method: "POST", headers, body: JSON.stringify(body) })).json();
}

// Language

function speak(chosen) {
  language = chosen;
  const at = LANGUAGES.indexOf(language);
  words = Object.fromEntries(Object.entries(WORDS).map(([key, both]) => [key, both[at]]));
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = words[element.dataset.t];
  $("column").placeholder = words.several;
  $("sheet").placeholder = words.columnhint;
  $("keycolumn").placeholder = words.none_given;
  $("text").placeholder = words.hold;
  $("lang").textContent = language === "zh" ? "English" : "中文";
  if (shown) show(shown);
  listJobs();
}

function note(text) {
  const known = language === "zh" && NOTES.find(([pattern]) => pattern.test(text));
  return known ? text.replace(...known) : text;
}

// One address, or one a line

async function complete() {
  const text = $("text").value.trim();
  const lines = text.split("\n").filter(line => line.trim());
  const mine = ++turn;
  $("many").hidden = lines.length < 2;
  if (!text) {
    shown = null;
    clear();
    return;
  }
  const each = lines.length > 1 && $("each").checked;
  try {
    const { completions } = await post("v1/complete", { ...(each ? { texts: lines } : { text }), contact: true });
    if (mine !== turn) return;
    $("problem").textContent = "";
    show(each ? completions : completions[0]);
  } catch (error) {
    if (mine !== turn) return;
    clear();
    complain(error);
  }
}

function clear() {
  for (const id of ["full", "list", "chips", "contact", "notes", "choices"]) $(id).replaceChildren();
  $("sure").hidden = $("others").hidden = true;
}

const isAnswered = completion => completion.status === "complete" || completion.status === "partial";

// A completion, or a list of them.
function show(found) {
  shown = found;
  clear();
  if (Array.isArray(found)) showList(found);
  else showOne(found);
}

function showList(completions) {
  $("list").append(...completions.map(lineOf));
  const answered = completions.filter(isAnswered).length;
  $("sure").hidden = $("copy").hidden = false;
  $("meter").hidden = $("percent").hidden = true;
  $("status").textContent = words.partial + " " + answered + " / " + completions.length;
}

function lineOf(completion) {
  const item = make("li");
  const answered = isAnswered(completion);
  const contact = ["name", "phone", "postcode"].map(part => completion[part]).filter(Boolean);
  const about = [answered ? percent(completion.confidence) + " %" : words.ambiguous, ...contact];
  item.append(...(answered ? marked(completion.full, completion.input) : [completion.input]));
  item.append(" ", make("span", about.concat(completion.notes.map(note)).join(" · "), "soft"));
  return item;
}

// What is copied: the answer, or each line's; a line without an answer stays as it was written.
function copied() {
  if (!Array.isArray(shown)) return $("full").textContent;
  return shown.map(completion => isAnswered(completion) ? completion.full : completion.input).join("\n");
}

function showOne(completion) {
  const answered = isAnswered(completion);
  $("full").replaceChildren(...(answered ? marked(completion.full, completion.input) : [words.cannot]));
  $("chips").append(...LEVELS.map((level, i) => chip(completion[level], words.levels[i], completion.codes[level])));
  const contact = ["name", "phone", "postcode"].filter(part => completion[part]);
  $("contact").textContent = contact.map(part => words[part] + " " + completion[part]).join(" · ");
  $("notes").replaceChildren(...completion.notes.map(text => make("span", note(text), "note")));
  $("sure").hidden = false;
  $("status").textContent = words[completion.status] + (completion.chosen ? " (" + words.chosen + ")" : "");
  showConfidence(answered ? completion.confidence : null);
  $("copy").hidden = !answered;
  $("others").hidden = !completion.alternatives.length;
  $("choices").append(...completion.alternatives.map(other => choice(other, completion)));
}

function chip(name, level, code) {
  const item = make("li", undefined, name ? "" : "none");
  item.append(make("b", name || words.none), make("small", level + (code ? " " + code : "")));
  return item;
}

// Rounded down: what is not certain is never 100 %.
const percent = share => Math.floor(1000 * share + 1e-6) / 10;

function showConfidence(confidence) {
  const known = confidence !== null;
  const value = known ? percent(confidence) : 0;
  $("meter").hidden = $("percent").hidden = !known;
  $("meter").firstElementChild.style.width = value + "%";
  $("meter").setAttribute("aria-valuenow", value);
  $("meter").setAttribute("aria-label", words.sure);
  $("percent").textContent = known ? words.sure + " " + value + " %" : "";
}

// A place that it may be instead; it is completed when it is chosen.
function choice(other, completion) {
  const label = make("label");
  const radio = make("input");
  radio.type = "radio";
  radio.name = "other";
  radio.checked = other.full === completion.chosen;
  radio.onchange = () => choose(other, completion).catch(complain);
  label.append(radio, " " + other.full + (other.confidence === null ? "" : "  " + percent(other.confidence) + " %"));
  return label;
}

async function choose(other, completion) {
  const mine = ++turn;
  const { completions } = await post("v1/complete", { text: other.full });
  if (mine !== turn) return;
  const { input, name, phone, postcode, alternatives } = completion;
  const status = completions[0].town ? "complete" : "partial";
  const asked = { input, name, phone, postcode, alternatives, full: other.full, chosen: other.full };
  show({ ...completions[0], ...asked, notes: [], confidence: null, status });
  $("choices").querySelector(":checked").focus();
}

// The answer, with what the input lacks marked: what is not in their longest common subsequence. They are compared from
// their ends, since names are added in front: [广东省]广州市[天河区]天河路, not 广[东省广]州市天河[区天河]路.
function marked(full, input) {
  const longest = Array.from({ length: full.length + 1 }, () => new Uint16Array(input.length + 1)); // up to i, j
  for (let i = 1; i <= full.length; i++) {
    for (let j = 1; j <= input.length; j++) {
      const same = full[i - 1] === input[j - 1];
      longest[i][j] = same ? longest[i - 1][j - 1] + 1 : Math.max(longest[i - 1][j], longest[i][j - 1]);
    }
  }
  const runs = []; // [characters, whether they were added]
  const put = (character, added) => {
    if (runs.length && runs[0][1] === added) runs[0][0] = character + runs[0][0];
    else runs.unshift([character, added]);
  };
  let j = input.length;
  for (let i = full.length; i > 0;) {
    if (j > 0 && full[i - 1] === input[j - 1]) {
      put(full[--i], false);
      j--;
    } else if (j > 0 && longest[i][j - 1] >= longest[i - 1][j]) {
      j--;
    } else {
      put(full[--i], true);
    }
  }
  return runs.map(([text, added]) => added ? make("span", text, "a") : text);
}

async function copy() {
  try {
    await navigator.clipboard.writeText(copied());
  } catch (error) { // over plain HTTP there is no clipboard
    const box = make("textarea", copied());
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
  }
  $("copy").textContent = words.copied;
  setTimeout(() => $("copy").textContent = words.copy, 1200);
}

// Base and adapter

async function listAdapters() {
  try {
    const about = await (await call("v1/about")).json();
    $("compare").hidden = !about.models.includes("base");
    if ($("compare").hidden) return;
    const adapters = await (await call("v1/adapters")).json();
    $("engine").textContent = about.engine || "";
    $("adapter").replaceChildren(...adapters.map(adapterOption));
    showAdapter();
  } catch (error) { // without a key: it is asked for where an address is completed
    $("compare").hidden = true;
  }
}

function adapterOption(adapter) {
  const option = make("option", adapter.name + " (" + (adapter.bytes / 1e6).toFixed(1) + " MB)");
  option.value = adapter.name;
  option.dataset.curve = adapter.curve;
  option.dataset.report = adapter.report;
  return option;
}

function showAdapter() {
  const option = $("adapter").selectedOptions[0];
  $("about-adapter").replaceChildren();
  $("curve").replaceChildren();
  $("tuned-name").textContent = option ? option.value : "";
  if (option?.dataset.curve === "true") $("about-adapter").append(button(words.curve, () => showCurve(option.value)));
  if (option?.dataset.report === "true") $("about-adapter").append(button(words.report, () => openReport(option.value)));
}

async function adapterFile(adapter, what) {
  return URL.createObjectURL(await (await call("v1/adapters/" + encodeURIComponent(adapter) + "/" + what)).blob());
}

async function showCurve(adapter) {
  const image = make("img");
  image.alt = words.curve;
  image.src = await adapterFile(adapter, "curve");
  $("curve").replaceChildren(image);
}

async function openReport(adapter) {
  open(await adapterFile(adapter, "report"));
}

async function compare() {
  const text = $("text").value.trim();
  if (!text) {
    $("text").focus();
    return;
  }
  await Promise.all([chat("base", text, "base-answer"), chat($("adapter").value, text, "tuned-answer")]);
}

async function chat(model, text, id) {
  if (!model) return;
  $(id).textContent = words.wait;
  const asked = { model, messages: [{ role: "user", content: text }], max_tokens: 96 };
  try {
    $(id).textContent = (await post("v1/chat/completions", asked)).choices[0].message.content;
  } catch (error) {
    $(id).textContent = error.message;
  }
}

// Whole files

function fileChosen() {
  const file = $("file").files[0];
  const workbook = !!file && /\.xlsx$/i.test(file.name);
  $("send").disabled = !file;
  $("sheets").hidden = !workbook;
  if (!workbook) $("sheet").value = "";
}

async function send() {
  const data = new FormData();
  data.append("file", $("file").files[0]);
  for (const [field, id] of [["column", "column"], ["sheet", "sheet"], ["key", "keycolumn"]]) {
    const value = $(id).value.trim();
    if (value) data.append(field, value);
  }
  for (const [field, id] of [["contact", "apart"], ["fill", "fill"]]) {
    if ($(id).checked) data.append(field, "true");
  }
  $("send").disabled = true;
  $("problem").textContent = "";
  try {
    const job = await (await call("v1/jobs", { method: "POST", body: data })).json();
    drawJob(job);
    follow(job.id);
  } catch (error) {
    $("jobs").prepend(make("p", error.message, "soft bad"));
  }
  $("send").disabled = false;
}

function drawJob(job) {
  let box = $("job-" + job.id);
  if (!box) {
    box = make("div", undefined, "job");
    box.id = "job-" + job.id;
    $("jobs").prepend(box);
  }
  const title = make("div");
  title.append(make("b", job.name), " ", make("span", words[job.status], "soft"));
  box.replaceChildren(title);
  if (UNENDED.includes(job.status)) {
    const bar = make("progress");
    bar.setAttribute("aria-label", job.name);
    box.append(bar);
  }
  box.append(make("div", jobFigures(job), "soft"));
  if (job.guesses.length) box.append(make("div", job.guesses.map(note).join("；"), "soft"));
  if (job.error) box.append(make("div", job.error, "bad"));
  const row = make("div", undefined, "row");
  if (job.status === "done") row.append(downloadButton(job, "result", "main"));
  if (job.status === "done" && job.to_review) row.append(downloadButton(job, "review"));
  row.append(button(words.remove, () => removeJob(job, box)));
  box.append(row);
}

function jobFigures(job) {
  const speed = job.rows_per_second ? ", " + Math.round(job.rows_per_second).toLocaleString() + "/s" : "";
  const counts = Object.entries(job.counts).map(([status, n]) => words[status] + " " + n.toLocaleString()).join(" · ");
  return job.rows.toLocaleString() + " " + words.rows + speed + (counts ? " — " + counts : "");
}

function downloadButton(job, what, cls) {
  const made = button(words[what], () => download(job, what), cls);
  made.dataset.what = what;
  return made;
}

async function download(job, what) {
  const reply = await call("v1/jobs/" + job.id + "/" + what);
  const disposition = reply.headers.get("content-disposition") || "";
  const name = /filename\*?=(?:utf-8'')?"?([^";]+)/i.exec(disposition);
  const link = make("a");
  link.href = URL.createObjectURL(await reply.blob());
  link.download = name ? decodeURIComponent(name[1]) : what;
  document.body.append(link);
  link.click();
  link.remove();
}

async function removeJob(job, box) {
  await call("v1/jobs/" + job.id, { method: "DELETE" });
  box.remove();
}

async function follow(id) {
  if (followed.has(id)) return;
  followed.add(id);
  try {
    const reply = await call("v1/jobs/" + id + "/events");
    const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const events = (rest + value).split("\n\n");
      rest = events.pop();
      for (const event of events) if (event.startsWith("data: ")) drawJob(JSON.parse(event.slice(6)));
    }
  } catch (error) {
    complain(error);
  } finally {
    followed.delete(id);
  }
}

async function listJobs() {
  try {
    const jobs = await (await call("v1/jobs")).json();
    for (const job of jobs.slice(0, JOBS_SHOWN).reverse()) {
      drawJob(job);
      if (UNENDED.includes(job.status)) follow(job.id);
    }
  } catch (error) {
    // without a key: it is asked for where an address is completed
  }
}

// Events

$("lang").onclick = () => speak(language === "zh" ? "en" : "zh");
$("text").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(complete, TYPING_PAUSE);
});
$("each").onchange = complete;
$("copy").onclick = copy;
$("adapter").onchange = showAdapter;
$("ask").onclick = compare;
$("file").onchange = fileChosen;
$("send").onclick = send;
for (const kind of ["dragover", "dragenter", "dragleave", "drop"]) {
  $("drop").addEventListener(kind, event => {
    event.preventDefault();
    $("drop").classList.toggle("over", ["dragover", "dragenter"].includes(kind));
  });
}
$("drop").addEventListener("drop", event => {
  if (!event.dataTransfer.files.length) return;
  $("file").files = event.dataTransfer.files;
  fileChosen();
});
$("key").onchange = () => {
  listAdapters();
  listJobs();
  complete();
};
speak((navigator.language || "zh").startsWith("zh") ? "zh" : "en");
listAdapters();

// What a form asks for, while it is filled in: the same conditions as itsm/fields/form/conditions.py, told again in the
// browser so that a form reacts at once. What counts is said by the server; a property of the tests holds both together.
(function () {
  "use strict";
  const WHOLE = /^-?[0-9]{1,16}$/;
  const DECIMAL = /^-?[0-9]{1,15}(\.[0-9]{1,6})?$/;
  const DAY = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
  // What Python takes for white space at the ends of a text, and what draws nothing (itsm/kernel/texts.py).
  const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
  const ENDS = new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, "g");
  const SEEN = /[^\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zs}\p{Zl}\p{Zp}\p{M}\u115f\u1160\u3164\uffa0\u2800]/u;
  const LONE = /\p{Surrogate}/u;
  const strip = (text) => text.replace(ENDS, "");

  // A number as millionths, exact: no float is ever made of it.
  function millionths(text) {
    const [whole, rest = ""] = text.replace("-", "").split(".");
    const found = BigInt(whole + rest.padEnd(6, "0"));
    return text.startsWith("-") ? -found : found;
  }

  function day(text) {
    const found = DAY.exec(text);
    if (!found) return null;
    const [year, month, date] = found.slice(1).map(Number);
    const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
    const longest = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
    return year >= 1 && longest && date >= 1 && date <= longest ? text : null;
  }

  // What an answer is compared as; null where there is none. `raw`: the text of an input, or the list of ticked boxes.
  function comparable(type, raw) {
    if (type === "choices") return Array.isArray(raw) && raw.length ? raw : null;
    const text = String(raw ?? "");
    if (!SEEN.test(text)) return null;
    switch (type) {
      case "whole": return WHOLE.test(strip(text)) ? millionths(strip(text)) : null;
      case "decimal": return DECIMAL.test(strip(text)) ? millionths(strip(text)) : null;
      case "yes_no": return text === "yes" ? true : text === "no" ? false : null;
      case "choice": return text;
      case "date": return day(text);
      case "instant": case "person": case "team": case "service": case "ci": case "file": return "there";
      default: return LONE.test(text) ? null : strip(text.normalize("NFC").replace(/\r\n?/g, "\n"));
    }
  }

  // A value that a condition names, in the same terms.
  function wanted(type, value) {
    if (type === "choices") return value;
    if (typeof value === "boolean") return value;
    return comparable(type, typeof value === "number" ? String(value) : value);
  }

  const each = (value) => (Array.isArray(value) ? value : [value]);

  function leafMet(leaf, answers, types) {
    const answer = answers[leaf.field] ?? null;
    if (leaf.op === "empty") return answer === null;
    if (leaf.op === "filled") return answer !== null;
    if (answer === null) return false;
    const type = types[leaf.field];
    if (leaf.op === "one_of" || leaf.op === "none_of") {
      const values = leaf.value.map((one) => wanted(type, one));
      return each(answer).some((one) => values.includes(one)) === (leaf.op === "one_of");
    }
    const value = wanted(type, leaf.value);
    if (leaf.op === "contains") {
      return Array.isArray(answer) ? answer.includes(value) : answer.toLowerCase().includes(value.toLowerCase());
    }
    switch (leaf.op) {
      case "is": return answer === value;
      case "is_not": return answer !== value;
      case "lt": return answer < value;
      case "le": return answer <= value;
      case "gt": return answer > value;
      case "ge": return answer >= value;
      default: return false;
    }
  }

  function met(condition, answers, types) {
    if (!condition) return true;
    const [[rule, parts]] = Object.entries(condition);
    const holds = (part) => ("field" in part ? leafMet(part, answers, types) : met(part, answers, types));
    return rule === "all" ? parts.every(holds) : parts.some(holds);
  }

  // Keys of the questions that are shown. `sections`: [{when, questions: [{key, type, when}]}]; `raw(question)`: what
  // stands in its inputs. One pass: a condition looks at earlier questions only, and a hidden one is empty for it.
  function shown(sections, raw) {
    const answers = {};
    const types = {};
    const seen = new Set();
    for (const section of sections) {
      if (!met(section.when, answers, types)) continue;
      for (const question of section.questions) {
        if (!met(question.when, answers, types)) continue;
        types[question.key] = question.type;
        answers[question.key] = comparable(question.type, raw(question));
        seen.add(question.key);
      }
    }
    return seen;
  }

  window.headroomConditions = { shown };

  // On a page: [data-asked] holds [data-section]s of [data-question]s.
  const parsed = (element) => (element.dataset.when ? JSON.parse(element.dataset.when) : null);

  function read(form) {
    return [...form.querySelectorAll("[data-section]")].map((section) => ({
      element: section,
      when: parsed(section),
      questions: [...section.querySelectorAll("[data-question]")].map((element) => ({
        element,
        key: element.dataset.question,
        type: element.dataset.type,
        when: parsed(element),
        inputs: [...element.querySelectorAll("input, select, textarea")],
      })),
    }));
  }

  function standing(question) {
    if (question.type === "file") return question.inputs.map((input) => input.value).find(Boolean) ?? "";
    if (question.type !== "choices") return question.inputs[0]?.value ?? "";
    return question.inputs.filter((input) => input.type === "checkbox" && input.checked).map((input) => input.value);
  }

  function put(element, inputs, isShown) {
    if (element.hidden === isShown) element.hidden = !isShown;
    for (const input of inputs) if (input.disabled === isShown) input.disabled = !isShown;
  }

  function extra(question) {
    const chosen = question.inputs.flatMap((input) =>
      input.tagName === "SELECT" ? [...input.selectedOptions] : input.checked ? [input] : []);
    return chosen.reduce((sum, one) => sum + Number(one.dataset.surcharge || 0), 0);
  }

  function price(form, sections, seen) {
    for (const output of form.querySelectorAll("[data-price]")) {
      const extras = sections.flatMap((one) => one.questions).filter((one) => seen.has(one.key)).reduce((sum, one) => sum + extra(one), 0);
      const minor = Number(output.dataset.price) + extras;
      const { currency, decimals } = output.dataset;
      const digits = { minimumFractionDigits: Number(decimals), maximumFractionDigits: Number(decimals) };
      const money = new Intl.NumberFormat(document.documentElement.lang || "en", digits);
      output.textContent = `${money.format(minor / 10 ** decimals)} ${currency}`;
    }
  }

  function begin() {
    document.querySelectorAll("[data-asked]").forEach((form) => {
      if (form.dataset.begun) return;
      form.dataset.begun = "1";
      const sections = read(form);
      const whole = form.closest("form") || form;
      const react = () => {
        const seen = shown(sections, standing);
        for (const section of sections) {
          for (const question of section.questions) put(question.element, question.inputs, seen.has(question.key));
          put(section.element, [], section.questions.some((question) => seen.has(question.key)));
        }
        price(whole, sections, seen);
      };
      form.addEventListener("input", react);
      form.addEventListener("change", react);
      whole.addEventListener("reset", () => setTimeout(react));
      react();
    });
  }
  begin();
  document.addEventListener("htmx:load", begin);
})();

"use strict";(()=>{document.documentElement.classList.add("verifying");})();

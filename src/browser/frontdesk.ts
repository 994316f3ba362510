/** What every page gains by a script. Without it everything works, in UTC and by mouse. */
document.documentElement.classList.add('scripted');

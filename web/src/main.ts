document.title = 'Stampede';
